import { execFileSync } from 'node:child_process';
import { mkdir, rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAG_HEADER, oneTaskDag } from './support/dags.ts';
import {
  AIRFLOW_LINES,
  createProject,
  the,
  type AirflowLine,
  type RunResult,
  type TestProject,
} from './support/project.ts';
import { logTexts, outcome, warnings } from './support/runs.ts';

// Which DAG files, modules and plugins a run sees: the same as in production.

/** An archive with a DAG and a library of its own, which has the same name in each. */
function archived(name: string): Readonly<Record<string, string>> {
  return {
    [`packed/${name}/${name}.py`]: `${DAG_HEADER}
from support_lib import NAME
with DAG("${name}", schedule=None, start_date=START):
    @task
    def say():
        import support_lib
        print("TOP", NAME, "TASK", support_lib.NAME)
    say()
`,
    [`packed/${name}/support_lib/__init__.py`]: `NAME = "library of ${name}"\n`,
  };
}

const FILES = {
  ...archived('pack_a'),
  ...archived('pack_b'),
  'dags/.airflowignore': 'left_out.py\n',
  'dags/left_out.py': oneTaskDag('left_out', 'return 1'),
  'dags/team/.airflowignore': 'hidden.py\n',
  'dags/team/hidden.py': oneTaskDag('hidden', 'return 1'),
  'dags/real/plain.py': oneTaskDag('plain', 'return 1'),
  'dags/two.py': `${DAG_HEADER}
try:
    from airflow.sdk import get_parsing_context
except ImportError:
    from airflow.utils.dag_parsing_context import get_parsing_context
WANTED = get_parsing_context().dag_id
for name in ("one", "two"):
    if WANTED not in (None, f"context_{name}"):
        continue
    with DAG(f"context_{name}", schedule=None) as made:
        @task
        def say(wanted):
            print("WANTED", wanted)
        say(WANTED)
    globals()[name] = made
`,
  'dags/quote.py': `${DAG_HEADER}
with DAG("quote", schedule=None, start_date=START):
    @task.external_python(python=sys.executable, expect_airflow=False, inherit_env=False)
    def inside(n):
        import json
        from pricing import price
        from offers import discount
        return price(n) - discount()
    @task
    def check(value):
        print("PRICE", value)
    check(inside(3))
`,
  'dags/pricing.py': 'def price(n): return n * 7\n',
  'dags/json.py': '"""No DAG file; it must not hide the standard library."""\nraise ImportError("hidden")\n',
  'shared/offers.py': 'def discount(): return 1\n',
  'dags/macro.py': `${DAG_HEADER}
try:
    from airflow.providers.standard.operators.bash import BashOperator
except ImportError:
    from airflow.operators.bash import BashOperator
with DAG("macro", schedule=None, start_date=START):
    BashOperator(task_id="uses", bash_command="echo RESULT {{ macros.reports.headline() }}")
`,
  'dags/own_timetable.py': `${DAG_HEADER}
from airflow.timetables.simple import NullTimetable

class Own(NullTimetable):
    pass

with DAG("own_timetable", start_date=START, schedule=Own()):
    pass
`,
  'dags/reads_wave.py': oneTaskDag('reads_wave', 'from wave import open\nprint(open)'),
};

const BROKEN_PLUGIN = `from airflow.plugins_manager import AirflowPlugin
import package_that_is_not_there

def headline():
    return "all is well"

class Reports(AirflowPlugin):
    name = "reports"
    macros = [headline]
`;

const verdict = (result: RunResult): string => outcome(result).run;
const taskText = (result: RunResult, task: string): string => logTexts(result, task).join('\n');

describe.each(AIRFLOW_LINES)('On Airflow %s', (airflow: AirflowLine) => {
  let project: TestProject;

  beforeAll(async () => {
    project = await createProject({ airflow, files: FILES });
    for (const name of ['pack_a', 'pack_b'])
      execFileSync('python3', [
        '-c',
        'import shutil, sys; shutil.make_archive(sys.argv[1], "zip", sys.argv[2])',
        path.join(project.root, 'dags', name),
        path.join(project.root, 'packed', name),
      ]);
  });
  afterAll(() => project[Symbol.asyncDispose]());

  test('a DAG in an archive is found by its id, and sees the library of its archive', async () => {
    for (const name of ['pack_a', 'pack_b', 'pack_a']) {
      const result = await project.runDag([name]);
      expect(verdict(result), result.stdout).toBe('success');
      expect(taskText(result, 'say')).toContain(`TOP library of ${name} TASK library of ${name}`);
    }
  });

  test('what .airflowignore leaves out is not found by its id, and runs by its file with a note', async () => {
    for (const [id, file, ignoring] of [
      ['left_out', 'dags/left_out.py', 'dags/.airflowignore'],
      ['hidden', 'dags/team/hidden.py', 'dags/team/.airflowignore'],
    ] as const) {
      const told = `${path.join(project.root, ignoring)} leaves it out`;
      for (const _ of ['never seen', 'known to the database']) {
        const unknown = await project.runDag([id]);
        expect([unknown.code, the(unknown, 'error').code]).toEqual([2, 'dag_unknown']);
        expect(the(unknown, 'error').why).toContain(told);
        const byFile = await project.runDag([file]);
        expect([byFile.code, verdict(byFile)]).toEqual([0, 'success']);
        expect(warnings(byFile).find(({ code }) => code === 'dag_file_not_read')?.text).toContain(told);
      }
    }
  });

  test('a link that makes the DAGs folder endless is named, by id as an error, by file as a note', async () => {
    const loop = path.join(project.root, 'dags/real/loop');
    await symlink('..', loop);
    const unknown = await project.runDag(['plain'], { timeout: 60_000 });
    expect([unknown.code, the(unknown, 'error').code]).toEqual([1, 'dags_folder_loop']);
    expect(the(unknown, 'error').what).toContain(`${loop} is a link to ${path.join(project.root, 'dags')}`);
    const byFile = await project.runDag(['dags/real/plain.py'], { timeout: 60_000 });
    expect([byFile.code, warnings(byFile).map(({ code }) => code)]).toEqual([0, ['dags_folder_loop']]);
    await rm(loop);
    expect((await project.runDag(['plain'])).code).toBe(0);
  });

  test('a linked folder and a linked file are found where they are linked', async () => {
    await mkdir(path.join(project.root, 'library'));
    await rename(path.join(project.root, 'dags/real'), path.join(project.root, 'library/real'));
    await symlink('../library/real', path.join(project.root, 'dags/linked'));
    expect((await project.runDag(['plain'])).code).toBe(0);
  });

  test('a file is told which of its DAGs runs', async () => {
    for (const words of [['context_one'], ['dags/two.py', '--dag-id', 'context_two']]) {
      const result = await project.runDag(words);
      expect(taskText(result, 'say')).toContain(`WANTED ${words.at(-1)}`);
    }
  });

  test('a Python that a task starts imports what the project has, behind its own modules', async () => {
    const result = await project.runDag(['quote']);
    expect(verdict(result), result.stdout).toBe('success');
    expect(taskText(result, 'check')).toContain('PRICE 20');
  });

  test('a timetable that no plugin registers is the author’s, with the line of the DAG', async () => {
    for (const target of ['dags/own_timetable.py', 'own_timetable']) {
      const result = await project.runDag([target]);
      expect([result.code, the(result, 'error').code], result.stdout).toEqual([1, 'dag_not_serializable']);
      const { what, next, detail } = the(result, 'error');
      const line = DAG_HEADER.split('\n').length + 6;
      expect(what).toContain(`${path.join(project.root, 'dags/own_timetable.py')}:${line}: `);
      expect(next?.join()).toContain('timetables = [Own]');
      expect(detail?.traceback.join('\n')).not.toContain('airflow_devenv');
    }
  });

  test('a plugin that can not be loaded is named with its line, and works when it is repaired', async () => {
    await project.write({ 'plugins/reports.py': BROKEN_PLUGIN });
    const broken = await project.runDag(['macro']);
    expect(verdict(broken)).toBe('failed');
    const told = warnings(broken).filter(({ code }) => code === 'plugin_broken');
    expect(told.map(({ text }) => text)).toEqual([
      expect.stringContaining(
        `${path.join(project.root, 'plugins/reports.py')}:2: the plugin can't be loaded: ModuleNotFoundError`,
      ),
    ]);
    expect(broken.stdout).not.toContain('Failed to import plugin');
    await project.write({
      'plugins/reports.py': BROKEN_PLUGIN.replace('import package_that_is_not_there', ''),
    });
    const repaired = await project.runDag(['macro']);
    expect([verdict(repaired), taskText(repaired, 'uses')]).toEqual([
      'success',
      expect.stringContaining('RESULT all is well'),
    ]);
  });

  test('a file of the plugins folder that hides an installed module is named when the DAG fails', async () => {
    expect(verdict(await project.runDag(['reads_wave']))).toBe('success');
    await project.write({ 'plugins/acme/wave.py': '"""Our own helpers."""\n' });
    const result = await project.runDag(['reads_wave']);
    expect(verdict(result)).toBe('failed');
    expect(warnings(result).find(({ code }) => code === 'plugin_hides_module')?.text).toContain(
      `${path.join(project.root, 'plugins/acme/wave.py')} hides the installed module wave`,
    );
  });
});
