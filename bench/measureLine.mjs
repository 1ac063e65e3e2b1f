import { benchProject } from './benchProject.mjs';
import { inTurns, median } from './timing.mjs';

const DAGS = { one: 1, twenty: 20, mapped: 201 };
/** The runner serves at once and warms up meanwhile; so many runs is more than it needs. */
const MOST_WARM_UPS = 50;
const MOST_LONG_RUNS = 3;

/** Every number of one Airflow version: milliseconds, medians. */
export async function measureLine(airflowVersion, { runs, quick, say }) {
  const project = await benchProject(airflowVersion);
  try {
    const names = Object.keys(DAGS).filter((name) => !quick || name !== 'mapped');
    const dags = [];
    for (const name of names) {
      // They take half a minute each.
      const times = name === 'mapped' ? Math.min(runs, MOST_LONG_RUNS) : runs;
      say(`Airflow ${airflowVersion}: ${name}, ${times} times in each way`);
      dags.push(await measureDag(project, name, times));
    }
    say(`Airflow ${airflowVersion}: the first run`);
    const first = await measureFirstRun(project, Math.min(runs, MOST_LONG_RUNS));
    const [one, twenty] = dags;
    const furtherTask = (twenty.inside - one.inside) / (DAGS.twenty - DAGS.one);
    return { airflowVersion, dags, first, furtherTask };
  } finally {
    await project.end();
  }
}

async function measureDag(project, name, runs) {
  await warmUp(project, name);
  const results = await inTurns(runs, {
    runDag: () => project.runDag(name),
    dagsTest: () => project.dagsTest(name),
    pythonFile: () => project.pythonFile(name),
  });
  const { runDag, dagsTest, pythonFile } = results;
  const wrong = runDag.find((each) => !each.warm || each.taskInstances !== DAGS[name]);
  if (wrong !== undefined) throw new Error(`Not what was to be measured: ${JSON.stringify(wrong)}`);
  const ours = median(runDag.map((each) => each.wall));
  return {
    name,
    tasks: DAGS[name],
    runDag: ours,
    dagsTest: median(dagsTest),
    pythonFile: median(pythonFile),
    ratio: median(dagsTest) / ours,
    overhead: median(runDag.map((each) => each.overhead)),
    inside: median(runDag.map((each) => each.inside)),
    measurements: { runDag: runDag.map((each) => each.wall), dagsTest, pythonFile },
  };
}

async function warmUp(project, name) {
  for (let count = 0; count < MOST_WARM_UPS; count += 1) {
    const { warm } = await project.runDag(name);
    // Once more: the DAG is in the database now, and the next spare process is ready.
    if (warm && count > 0) return;
  }
  throw new Error(`The runner did not get warm within ${MOST_WARM_UPS} runs.`);
}

/** With the warm runner and the database down, as after a restart of the machine. */
async function measureFirstRun(project, runs) {
  const results = await inTurns(runs, {
    dagsTest: async () => {
      // A runner that still warms up would take half of the machine; the database runs, which is in its favour.
      await warmUp(project, 'one');
      return project.dagsTest('one');
    },
    runDag: async () => {
      await project.down();
      return (await project.runDag('one')).wall;
    },
  });
  const [ours, theirs] = [median(results.runDag), median(results.dagsTest)];
  return { runDag: ours, dagsTest: theirs, ratio: theirs / ours };
}
