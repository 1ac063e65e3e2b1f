import { stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAG_HEADER } from './support/dags.ts';
import { runnerProcesses } from './support/inspect.ts';
import { AIRFLOW_LINES, createProject, the, type TestProject } from './support/project.ts';

// What a warm process has loaded must never be what a run uses of the author's code.

const operator = (text: string): string => `${DAG_HEADER}
class Greet(BaseOperator):
    template_fields = ("text",)
    def __init__(self, text="", **keywords):
        super().__init__(**keywords)
        self.text = text
    def execute(self, context):
        print(${JSON.stringify(text)} + self.text, flush=True)
`;

const plugin = (text: string): string => `
from airflow.plugins_manager import AirflowPlugin
import greeting_listener
def greeting():
    return ${JSON.stringify(text)}
class GreetingPlugin(AirflowPlugin):
    name = "greeting"
    macros = [greeting]
    listeners = [greeting_listener]
`;

const listener = (text: string): string => `
from airflow.listeners import hookimpl
@hookimpl
def on_task_instance_running(previous_state, task_instance):
    print("listener:", ${JSON.stringify(text)}, flush=True)
`;

const dagFile = (text: string): string => `${DAG_HEADER}
from operators.greet import Greet
from texts.words import word
with DAG("edited", schedule=None, start_date=START):
    @task
    def words():
        return word() + ${JSON.stringify(text)}
    Greet(task_id="greet", text="{{ macros.greeting.greeting() }}") >> words()
`;

const FILES = {
  'dags/edited.py': dagFile('!'),
  'plugins/operators/__init__.py': '',
  'plugins/operators/greet.py': operator('operator-1 '),
  'plugins/greeting_plugin.py': plugin('macro-1'),
  'plugins/greeting_listener.py': listener('listener-1'),
  'shared/texts/__init__.py': '',
  'shared/texts/words.py': 'def word():\n    return "shared-1"\n',
};

describe.each(AIRFLOW_LINES)(
  'On Airflow %s an edit is seen by the next run, in the same warm process',
  (airflow) => {
    let project: TestProject;
    let warm: number | undefined;
    let second = 0;

    async function values(): Promise<string> {
      const result = await project.runDag(['dags/edited.py']);
      expect([result.code, result.stdout]).toEqual([0, expect.any(String)]);
      warm ??= runnerProcesses(project).preloaded?.pid;
      expect(runnerProcesses(project).preloaded?.pid).toBe(warm);
      expect(the(result, 'started').airflow_version).toBe(airflow);
      return result.stdout;
    }

    beforeAll(async () => {
      project = await createProject({ airflow, files: FILES });
    });
    afterAll(() => project[Symbol.asyncDispose]());

    test('first all is as it was written', async () => {
      const text = await values();
      for (const word of ['shared-1!', 'operator-1 macro-1', 'listener-1']) expect(text).toContain(word);
    });

    test.each([
      [
        'of a module in shared/',
        'shared/texts/words.py',
        'def word():\n    return "shared-2"\n',
        'shared-2!',
      ],
      ['of the DAG itself', 'dags/edited.py', dagFile('?'), 'shared-2?'],
      ['of an operator', 'plugins/operators/greet.py', operator('operator-2 '), 'operator-2 macro-1'],
      ["of a plugin's macro", 'plugins/greeting_plugin.py', plugin('macro-2'), 'operator-2 macro-2'],
      ["of a plugin's listener", 'plugins/greeting_listener.py', listener('listener-2'), 'listener-2'],
    ])('%s', async (_what, file, content, expected) => {
      await project.write({ [file]: content });
      expect(await values()).toContain(expected);
    });

    test('of the same length within the same second', async () => {
      const file = path.join(project.root, 'shared/texts/words.py');
      for (const word of ['abcd', 'efgh']) {
        await project.write({ 'shared/texts/words.py': `def word():\n    return "${word}"\n` });
        if (word === 'abcd') second = Math.floor((await stat(file)).mtimeMs / 1000);
        await utimes(file, second, second + 0.9);
        expect(await values()).toContain(`${word}?`);
      }
    });

    test('a new module, and one that is gone', async () => {
      await project.write({
        'shared/texts/more.py': 'MORE = "more-1"\n',
        'shared/texts/words.py': 'from texts.more import MORE\ndef word():\n    return MORE\n',
      });
      expect(await values()).toContain('more-1?');
    });
  },
);
