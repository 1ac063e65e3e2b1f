import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dagFiles } from './support/dagFiles.ts';
import { AIRFLOW_LINES, createProject, finalStates, the, type TestProject } from './support/project.ts';
import { CONTRACT_ENVIRONMENT, CONTRACT_STATES } from './support/contractDag.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const CASES = [path.join(ROOT, 'test/python/contract_cases.py'), path.join(ROOT, 'src/airflow/python')];

/** One line of `contract_cases.py`. */
interface Case {
  readonly entry: string;
  readonly way: 'absent' | 'fails' | '';
  readonly code: number;
  readonly states: Readonly<Record<string, string>>;
  readonly left_out: readonly string[];
  readonly errors: readonly string[];
}

// What a new release may change: `airflow_devenv/contract/`.
describe.each(AIRFLOW_LINES)('On Airflow %s', (airflow) => {
  let project: TestProject;
  beforeAll(async () => {
    project = await createProject({ airflow, files: await dagFiles('contract') });
  });
  afterAll(() => project[Symbol.asyncDispose]());
  const env = CONTRACT_ENVIRONMENT;

  test('--stock gives the states, the verdict and the value that a run without it gives', async () => {
    for (const flags of [[], ['--stock']]) {
      const result = await project.runDag(['dags/everything.py', ...flags], { env, timeout: 280_000 });
      expect(finalStates(result)).toEqual(CONTRACT_STATES);
      expect(the(result, 'return_value').value).toBe("'db done'");
      expect(result.code).toBe(0);
    }
  });

  test('without any one entry, and when it fails, a run ends the same and says so once', async () => {
    const file = path.join(project.root, 'dags/everything.py');
    const result = await project.devenv(['python', ...CASES, file], { env, timeout: 900_000 });
    const cases = result.stdout
      .split('\n')
      .filter((line) => line.startsWith('{"entry"'))
      .map((line) => JSON.parse(line) as Case);
    const [first, ...others] = cases;
    expect(first).toMatchObject({ entry: '', code: 0, left_out: [], errors: [] });
    expect(others.length).toBeGreaterThan(20);
    const differing = others.filter(
      ({ code, states }) => code !== 0 || JSON.stringify(states) !== JSON.stringify(first?.states),
    );
    expect(differing).toEqual([]);
    const saidTwice = others.filter(
      ({ entry, left_out: said }) => said.length > (said[0]?.startsWith(entry) === true ? 1 : 0),
    );
    expect(saidTwice).toEqual([]);
    expect(result.code).toBe(0);
  }, 900_000);
});
