import type { ShellCommand, CommandRun } from '../commandRun.ts';
import { present } from '../commandRun.ts';
import type { Item, PresentItem } from '../fileSystem.ts';
import { isFolder } from '../fileSystem.ts';
import { parseFlags } from '../flags.ts';
import { EXISTS, pathProblem } from '../shellProblem.ts';
import { checkDestination, copyItems, targetOf, writeWhole, type CopyRules } from './copyItems.ts';

const ALL = new Set(['t', 'o', 'p']);

/** `-put [-f] [-p] [-l] [-d] [-t <thread count>] [-q <queue size>] <localsrc> ... <dst>`; `-` is standard input. */
export const put: ShellCommand = async (run, words) => {
  const { flags, rest } = parseFlags(words, { allowed: 'f p l d t= q=', least: 1 });
  const { sources, destination } = await remoteDestination(run, rest);
  const rules = rulesOf(flags);
  if (sources.length === 1 && sources[0] === '-') {
    const target = isFolder(destination) ? await run.session.child(destination, '-') : destination;
    await checkDestination(run, target, 1, rules.overwrite);
    return writeWhole(target, run.session.io.input, rules);
  }
  const items: Item[] = [];
  for (const each of sources) await run.guard(async () => items.push(await run.session.item(each, 'file')));
  if (items.length > 0) await copyItems(run, items, destination, rules);
};

/** `-moveFromLocal <localsrc> ... <dst>` */
export const moveFromLocal: ShellCommand = async (run, words) => {
  const { flags, rest } = parseFlags(words, { allowed: 'f p l d', least: 1 });
  const { sources, destination } = await remoteDestination(run, rest);
  for (const each of sources) {
    await run.guard(async () => {
      const source = await run.session.item(each, 'file');
      const before = run.exitCode;
      const target = await targetOf(run, present(source), destination);
      // Unlike a copy, a move does not merge folders.
      if (isFolder(target)) throw pathProblem(target.shown, EXISTS);
      await copyItems(run, [source], destination, rulesOf(flags));
      if (run.exitCode === before) await source.fileSystem.delete(source.path, true);
    });
  }
};

/** `-get [-f] [-p] [-crc] [-ignoreCrc] [-t <thread count>] [-q <queue size>] <src> ... <localdst>` */
export const get: ShellCommand = async (run, words) => {
  const { flags, rest } = parseFlags(words, { allowed: 'f p crc ignoreCrc t= q=', least: 1 });
  const [shown, patterns] = rest.length < 2 ? ['.', rest] : [rest.at(-1) ?? '.', rest.slice(0, -1)];
  const items = await run.expand(patterns);
  if (shown === '-') {
    for (const item of items) await run.guard(() => printFile(run, present(item)));
    return;
  }
  const destination = await run.session.item(shown, 'file');
  if (items.length > 0) await copyItems(run, items, destination, rulesOf(flags));
};

/** `-cp [-f] [-p | -p[topax]] [-d] [-t <thread count>] [-q <queue size>] <src> ... <dst>` */
export const cp: ShellCommand = async (run, words) => {
  const preserve = words.find((word) => /^-p[topax]*$/.test(word));
  const others = words.filter((word) => word !== preserve);
  const { flags, rest } = parseFlags(others, { allowed: 'f d t= q=', least: 2 });
  const { sources, destination } = await remoteDestination(run, rest);
  const items = await run.expand(sources);
  const kept = preserve === undefined ? new Set<string>() : new Set(preserve.slice(2) || 'top');
  if (kept.has('a')) kept.add('p');
  const rules = { ...rulesOf(flags), preserve: kept };
  if (items.length > 0) await copyItems(run, items, destination, rules);
};

/** `-mv <src> ... <dst>` */
export const mv: ShellCommand = async (run, words) => {
  const { rest } = parseFlags(words, { allowed: '', least: 2 });
  const { sources, destination } = await remoteDestination(run, rest);
  const items = await run.expand(sources);
  if (items.length === 0) return;
  await checkDestination(run, destination, items.length, false);
  for (const each of items) {
    await run.guard(async () => {
      const source = present(each);
      const target = await targetOf(run, source, destination);
      if (source.fileSystem !== target.fileSystem)
        throw pathProblem(source.shown, 'Does not match target filesystem');
      if (target.status !== undefined) throw pathProblem(target.shown, EXISTS);
      if (!(await source.fileSystem.rename(source.path, target.path)))
        throw pathProblem(source.shown, 'Input/output error');
    });
  }
};

/** `-getmerge [-nl] [-skip-empty-file] <src> ... <localdst>` */
export const getmerge: ShellCommand = async (run, words) => {
  const { flags, rest } = parseFlags(words, { allowed: 'nl skip-empty-file', least: 2 });
  const destination = await run.session.item(rest.at(-1) ?? '', 'file');
  if (isFolder(destination)) throw pathProblem(destination.shown, 'Is a directory');
  const files: PresentItem[] = [];
  await run.eachPresent(rest.slice(0, -1), async (item) => {
    if (!isFolder(item)) files.push(item);
    else files.push(...(await run.session.children(item)).filter((child) => !isFolder(child)));
  });
  // Half of it would be taken for the whole.
  if (run.exitCode !== 0) return;
  await destination.fileSystem.write(destination.path, merged(files, flags), true);
};

/** `-appendToFile [-n] <localsrc> ... <dst>`; `-` is standard input. */
export const appendToFile: ShellCommand = async (run, words) => {
  const { rest } = parseFlags(words, { allowed: 'n', least: 2 });
  const target = await run.session.item(rest.at(-1) ?? '');
  if (target.status === undefined) await target.fileSystem.write(target.path, '', false);
  for (const each of rest.slice(0, -1)) {
    const body =
      each === '-'
        ? run.session.io.input
        : await run.session.local.read(present(await run.session.item(each, 'file')).path);
    await target.fileSystem.append(target.path, body);
  }
};

/** Every byte of a file to standard output, no more at a time than the reader takes. */
export async function printFile(run: CommandRun, item: Item): Promise<void> {
  for await (const chunk of await item.fileSystem.read(item.path)) await run.session.io.write(chunk);
}

async function* merged(
  files: readonly PresentItem[],
  flags: ReadonlySet<string>,
): AsyncGenerator<Uint8Array> {
  for (const { fileSystem, path, status } of files) {
    if (status.length > 0) yield* await fileSystem.read(path);
    if (flags.has('nl') && (status.length > 0 || !flags.has('skip-empty-file'))) yield Buffer.from('\n');
  }
}

/** The last word; with one word alone, the user's home. A pattern has to match one path. */
async function remoteDestination(
  run: CommandRun,
  words: readonly string[],
): Promise<{ readonly sources: readonly string[]; readonly destination: Item }> {
  if (words.length < 2) return { sources: words, destination: await run.session.item('.') };
  const shown = words.at(-1) ?? '';
  const [destination, ...more] = await run.session.glob(shown);
  if (destination === undefined || more.length > 0) throw pathProblem(shown, 'Too many matches');
  return { sources: words.slice(0, -1), destination };
}

function rulesOf(flags: ReadonlySet<string>): CopyRules {
  return {
    overwrite: flags.has('f'),
    direct: flags.has('d'),
    preserve: flags.has('p') ? ALL : new Set(),
  };
}
