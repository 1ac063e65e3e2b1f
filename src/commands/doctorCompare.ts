import { DevenvError } from '../errors.ts';
import type { RunEvent } from '../dagruns/events.ts';
import { runCommand } from '../platform/childProcess.ts';
import { definedOnly } from '../platform/definedOnly.ts';
import type { CheckResult } from '../ui/checkReport.ts';
import type { CommandHost } from './commandHost.ts';

interface Answer {
  readonly code: number;
  /** How the DAG run ended; undefined when there was none. */
  readonly state: string | undefined;
  /** `task[map index]` -> state. */
  readonly tasks: ReadonlyMap<string, string>;
}

/**
 * Runs the file as devenv does and on an untouched Airflow, one after the other.
 *
 * @param globals options that every command takes, as they were given.
 */
export async function compareWithStock(
  commandHost: CommandHost,
  file: string,
  globals: readonly string[],
): Promise<CheckResult> {
  const ours = await runFile(commandHost, [...globals, 'run-dag', '--json', file]);
  const stock = await runFile(commandHost, [...globals, 'run-dag', '--json', '--stock', file]);
  const differences = describeDifferences(ours, stock);
  const name = 'compare';
  if (differences.length > 0) {
    return {
      name,
      verdict: 'fail',
      detail: `${file} ends differently with --stock: ${differences.join('; ')}`,
      next: ['docs/contract.md names what Airflow itself does differently'],
    };
  }
  const count = ours.tasks.size;
  return {
    name,
    verdict: 'ok',
    detail: `${file} ends the same with --stock (${count} task instances, exit ${ours.code})`,
  };
}

type Value = string | number | undefined;

/** Pure. What differs, as `what: with devenv / with --stock`. */
export function describeDifferences(ours: Answer, stock: Answer): string[] {
  const names = [...new Set([...ours.tasks.keys(), ...stock.tasks.keys()])].sort();
  const pairs: [string, Value, Value][] = [
    ['exit code', ours.code, stock.code],
    ['DAG run', ours.state, stock.state],
    ...names.map((name): [string, Value, Value] => [name, ours.tasks.get(name), stock.tasks.get(name)]),
  ];
  return pairs
    .filter(([, left, right]) => left !== right)
    .map(([what, left, right]) => `${what}: ${left ?? 'none'} / ${right ?? 'none'}`);
}

async function runFile({ host, signal }: CommandHost, words: readonly string[]): Promise<Answer> {
  const result = await runCommand(host.execPath, ['--', host.argv[1] ?? '', ...words], {
    env: definedOnly(host.env),
    signal,
    allowFailure: true,
  });
  const events = result.stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as RunEvent);
  if (events.length === 0) {
    throw new DevenvError({
      code: 'compare_failed',
      what: `devenv ${words.join(' ')} said nothing.`,
      why: result.stderr,
    });
  }
  const finished = events.find((each) => each.event === 'run_finished');
  const tasks = finished?.tasks.map(({ task_id, map_index, state }): [string, string] => [
    map_index < 0 ? task_id : `${task_id}[${map_index}]`,
    state,
  ]);
  return { code: result.exitCode ?? 1, state: finished?.state, tasks: new Map(tasks) };
}
