import { readFileSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectToRunner } from '../../src/dagruns/runConnection.ts';
import { runtimeDirectory } from '../../src/platform/paths.ts';
import { DAG_HEADER, oneTaskDag } from './support/dags.ts';
import { queryDatabase, runnerProcesses } from './support/inspect.ts';
import { AIRFLOW_LINES, createProject, type AirflowLine, type TestProject } from './support/project.ts';

// What a parse request does to the rows that Airflow's UI and scheduler read.

interface Report {
  readonly event: 'parsed_file';
  readonly file: string;
  readonly dag_ids: readonly string[];
  readonly import_errors: readonly { file: string; line: number | null; message: string }[];
  readonly sources: readonly string[];
  readonly changed: boolean;
  readonly removed?: boolean;
  readonly ignored?: boolean;
}

const HELPER = 'def word():\n    return "shared"\n';
const WITH_HELPER = `${DAG_HEADER}
from words import word
with DAG("helped", schedule=None, start_date=START, description=word()):
    pass
`;
const FILES = {
  'dags/first.py': oneTaskDag('first', 'return 1'),
  'dags/helped.py': WITH_HELPER,
  'dags/notes.py': 'TEXT = "nothing that Airflow would read"\n',
  'dags/.airflowignore': 'ignored.py\n',
  'dags/ignored.py': oneTaskDag('ignored', 'return 1'),
  'shared/words.py': HELPER,
};

/** The environment that the preloaded process has, as every request of the project brings it. */
function environmentOf(pid: number): Record<string, string> {
  const text = readFileSync(`/proc/${pid}/environ`, 'utf8');
  return Object.fromEntries(
    text
      .split('\0')
      .filter((each) => each.includes('='))
      .map((each) => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]),
  );
}

async function parse(
  project: TestProject,
  files: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<{ code: number; reports: Record<string, Report> }> {
  const runtime = await runtimeDirectory({ env: project.env, platform: process.platform }, project.root);
  const socket = (await readdir(runtime)).find((each) => /^r-.*\.sock$/.test(each));
  const dags = path.join(project.root, 'dags');
  const connection = await connectToRunner(path.join(runtime, String(socket)), {
    kind: 'parse',
    files: files.map((each) => path.join(project.root, each)),
    environment: { ...environmentOf(runnerProcesses(project).preloaded?.pid ?? 0), ...variables },
    import_paths: [dags, path.join(project.root, 'shared')],
    bundles: [{ name: path.basename(project.root), path: dags }],
    repositories: [project.root],
    plugins_folders: [],
    working_directory: project.root,
    runs_directory: path.join(project.root, '.devenv/runs'),
  });
  const reports: Record<string, Report> = {};
  let code = -1;
  for await (const event of (connection?.events ?? []) as AsyncIterable<
    Report | { event: 'exit'; code: number } | { event: 'error'; what: string; why?: string }
  >) {
    if (event.event === 'parsed_file') reports[path.relative(dags, event.file)] = event;
    else if (event.event === 'exit') ({ code } = event);
    else if (event.event === 'error') throw new Error(`${event.what} ${event.why}`);
  }
  return { code, reports };
}

describe.each(AIRFLOW_LINES)('On Airflow %s a parse request', (airflow: AirflowLine) => {
  let project: TestProject;

  /** Living DAGs, with whether Airflow knows their form. */
  async function dags(): Promise<string[]> {
    const living = airflow.startsWith('2.') ? 'is_active' : 'not is_stale';
    const rows = await queryDatabase(
      project,
      airflow,
      `select dag_id from dag where ${living} and dag_id in (select dag_id from serialized_dag) order by 1`,
    );
    return rows.map((row) => String(row['dag_id']));
  }

  async function errors(): Promise<string[]> {
    const rows = await queryDatabase(project, airflow, 'select filename from import_error order by 1');
    return rows.map((row) => path.basename(String(row['filename'])));
  }

  beforeAll(async () => {
    project = await createProject({ airflow, files: FILES });
    const result = await project.runDag(['dags/first.py']);
    expect([result.code, result.stdout]).toEqual([0, expect.any(String)]);
  });
  afterAll(() => project[Symbol.asyncDispose]());

  test('without files reads what Airflow would read', async () => {
    const { code, reports } = await parse(project, []);
    expect([code, Object.keys(reports).toSorted()]).toEqual([0, ['first.py', 'helped.py']]);
    expect(await dags()).toEqual(['first', 'helped']);
    expect(reports['first.py']).toMatchObject({ dag_ids: ['first'], import_errors: [], changed: false });
    expect(reports['helped.py']).toMatchObject({ dag_ids: ['helped'], changed: true });
    expect(reports['helped.py']?.sources.map((each) => path.basename(each))).toEqual([
      'helped.py',
      'words.py',
    ]);
  });

  test('says of a file that is no DAG file that it is none', async () => {
    const { code, reports } = await parse(project, ['dags/notes.py', 'dags/ignored.py']);
    expect(code).toBe(0);
    for (const file of ['notes.py', 'ignored.py'])
      expect(reports[file]).toMatchObject({ dag_ids: [], ignored: true, changed: false });
    expect(await dags()).toEqual(['first', 'helped']);
  });

  test('sees the change of a helper', async () => {
    await project.write({ 'shared/words.py': HELPER.replace('shared', 'changed') });
    const { reports } = await parse(project, ['dags/helped.py']);
    expect(reports['helped.py']).toMatchObject({ changed: true, import_errors: [] });
    expect((await parse(project, ['dags/helped.py'])).reports['helped.py']?.changed).toBe(false);
  });

  test('names the line of an import error, writes its row, and removes it when it is mended', async () => {
    await project.write({ 'shared/words.py': 'import nothing_there\n' });
    const broken = await parse(project, ['dags/helped.py']);
    expect(broken.code).toBe(1);
    expect(broken.reports['helped.py']?.import_errors).toEqual([
      expect.objectContaining({
        file: path.join(project.root, 'shared/words.py'),
        line: 1,
        message: "ModuleNotFoundError: No module named 'nothing_there'",
      }),
    ]);
    // The helper is read again when it is saved, although it could not be imported.
    expect(broken.reports['helped.py']?.sources).toContain(path.join(project.root, 'shared/words.py'));
    expect(await errors()).toEqual(['helped.py']);
    await project.write({ 'shared/words.py': HELPER });
    const mended = await parse(project, ['dags/helped.py']);
    expect([mended.code, mended.reports['helped.py']?.changed]).toEqual([0, true]);
    expect([await errors(), await dags()]).toEqual([[], ['first', 'helped']]);
    const flags = await queryDatabase(project, airflow, 'select dag_id from dag where has_import_errors');
    expect(flags).toEqual([]);
  });

  test('takes back a DAG that has left its file, and one whose file is gone', async () => {
    await project.write({
      'dags/two.py': `${DAG_HEADER}\na = DAG("a", schedule=None)\nb = DAG("b", schedule=None)\n`,
    });
    expect((await parse(project, ['dags/two.py'])).reports['two.py']?.dag_ids).toEqual(['a', 'b']);
    expect(await dags()).toEqual(['a', 'b', 'first', 'helped']);
    await project.write({ 'dags/two.py': `${DAG_HEADER}\na = DAG("a", schedule=None)\n` });
    expect((await parse(project, ['dags/two.py'])).reports['two.py']?.changed).toBe(true);
    expect(await dags()).toEqual(['a', 'first', 'helped']);
    await rm(path.join(project.root, 'dags/two.py'));
    expect((await parse(project, ['dags/two.py'])).reports['two.py']).toMatchObject({
      removed: true,
      dag_ids: [],
    });
    expect(await dags()).toEqual(['first', 'helped']);
  });

  test('follows a file that was given another name', async () => {
    await rename(path.join(project.root, 'dags/first.py'), path.join(project.root, 'dags/renamed.py'));
    const { reports } = await parse(project, ['dags/first.py', 'dags/renamed.py']);
    expect([reports['first.py']?.removed, reports['renamed.py']?.dag_ids]).toEqual([true, ['first']]);
    expect(await dags()).toEqual(['first', 'helped']);
    const [row] = await queryDatabase(project, airflow, `select fileloc from dag where dag_id = 'first'`);
    expect(row?.['fileloc']).toBe(path.join(project.root, 'dags/renamed.py'));
  });

  test('loses no other file by one that dies, hangs or leaves something behind', async () => {
    await project.write({
      'dags/b1_exits.py': `${DAG_HEADER}\nos._exit(3)\n`,
      'dags/b2_faults.py': `${DAG_HEADER}\nimport ctypes\nctypes.string_at(0)\n`,
      'dags/b3_hangs.py': `${DAG_HEADER}\nwhile True:\n    try:\n        time.sleep(60)\n    except BaseException:\n        pass\n`,
      'dags/b4_leaves.py': `${DAG_HEADER}\nimport decimal\nassert not hasattr(decimal, "seen")\ndecimal.seen = os.environ["SEEN"] = "1"\n`,
      'dags/b5_finds.py': `${DAG_HEADER}\nimport decimal\nassert not hasattr(decimal, "seen") and "SEEN" not in os.environ\n`,
    });
    const { code, reports } = await parse(project, [], { AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT: '1' });
    const told = Object.entries(reports).map(([file, each]) => [file, each.import_errors[0]?.message ?? '']);
    expect([code, Object.fromEntries(told)]).toEqual([
      1,
      {
        'b1_exits.py': expect.stringContaining('with exit code 3'),
        'b2_faults.py': expect.stringContaining('by SIGSEGV'),
        'b3_hangs.py': expect.stringContaining('it took more than 1 s'),
        'b4_leaves.py': '',
        'b5_finds.py': '',
        'helped.py': '',
        'renamed.py': '',
      },
    ]);
    expect(await errors()).toEqual(['b1_exits.py', 'b2_faults.py', 'b3_hangs.py']);
    for (const file of Object.keys(reports).filter((each) => each.startsWith('b')))
      await rm(path.join(project.root, 'dags', file));
    expect((await parse(project, [])).code).toBe(0);
    expect([await errors(), await dags()]).toEqual([[], ['first', 'helped']]);
  }, 60_000);
});
