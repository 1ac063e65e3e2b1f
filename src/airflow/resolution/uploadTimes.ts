import type { Context } from '../../context.ts';
import { projectName } from '../requirements.ts';
import { type CompileRequest, uvCompile } from './uvCompile.ts';

/** Milliseconds since the epoch at which the package index received these releases, by name; some say nothing. */
export async function uploadTimes(
  context: Context,
  request: Omit<CompileRequest, 'args' | 'lines'>,
  pins: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const args = ['--no-deps', '--format', 'pylock.toml'];
  const result = await uvCompile(context, { ...request, args, lines: pins });
  return new Map(result.stdout.split('[[packages]]').slice(1).flatMap(entry));
}

function entry(text: string): [string, number][] {
  const name = /^name = "([^"]+)"/m.exec(text)?.[1];
  const times = [...text.matchAll(/upload-time = ([\dTZ:.+-]+)/g)].map(([, time = '']) => Date.parse(time));
  const known = times.filter((time) => !Number.isNaN(time));
  if (name === undefined || known.length === 0) return [];
  return [[projectName(name) ?? name, Math.min(...known)]];
}
