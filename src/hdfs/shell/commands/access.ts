import type { CommandRun, ShellCommand } from '../commandRun.ts';
import type { PresentItem } from '../fileSystem.ts';
import { isFolder } from '../fileSystem.ts';
import { parseFlags } from '../flags.ts';
import { permissionText } from '../formats.ts';
import { pathProblem, usageProblem } from '../shellProblem.ts';

/** `-getfacl [-R] <path>` */
export const getfacl: ShellCommand = async (run, words) => {
  const { flags, rest } = parseFlags(words, { allowed: 'R', least: 1, most: 1 });
  const print = (item: PresentItem): Promise<void> => printAcl(run, item);
  await run.eachPresent(rest, (item) => (flags.has('R') ? run.eachBelow(item, print) : print(item)));
};

/** `-setfacl [-R] [{-b|-k} {-m|-x <acl_spec>} <path>]|[--set <acl_spec> <path>]` */
export const setfacl: ShellCommand = async (run, words) => {
  const { flags, rest } = parseFlags(words, { allowed: 'R b k m x -set' });
  const [chosen, ...more] = [...flags].filter((flag) => flag !== 'R');
  if (chosen === undefined) throw usageProblem('Must specify one of -b, -k, -m, -x, --set');
  if (more.length > 0) throw usageProblem('Specified flags contains both remove and modify flags');
  const { op, hasEntries } = ACL_OPERATIONS[chosen] ?? { op: '', hasEntries: false };
  if (hasEntries && rest.length < 2) throw usageProblem('<acl_spec> is missing');
  const [entries, paths] = hasEntries ? [rest[0] ?? '', rest.slice(1)] : ['', rest];
  if (paths.length === 0) throw usageProblem('<path> is missing');
  if (paths.length > 1) throw usageProblem('Too many arguments');
  const change = async (item: PresentItem): Promise<void> => {
    // Files have no default entries.
    const own = isFolder(item) || !flags.has('R') ? entries : withoutDefaults(entries);
    if (hasEntries && own === '') return;
    await run.session.files.web.ask('PUT', op, item.path, hasEntries ? { aclspec: own } : {});
  };
  await run.eachPresent(paths, (item) => (flags.has('R') ? run.eachBelow(item, change) : change(item)));
};

/** `-getfattr [-R] {-n name | -d} [-e en] <path>` */
export const getfattr: ShellCommand = async (run, words) => {
  const { flags, values, rest } = parseFlags(words, { allowed: 'R d n= e=', least: 1, most: 1 });
  const name = values.get('n');
  if (name === undefined && !flags.has('d')) throw usageProblem("Must specify '-n name' or '-d' option.");
  const encoding = (values.get('e') ?? 'text').toUpperCase();
  const print = async (item: PresentItem): Promise<void> => {
    type Answer = { readonly XAttrs: readonly { readonly name: string; readonly value: string | null }[] };
    const { XAttrs: found } = await run.session.files.web.ask<Answer>('GET', 'GETXATTRS', item.path, {
      'xattr.name': name,
      encoding,
    });
    const lines = found.map((each) => (each.value === null ? each.name : `${each.name}=${each.value}`));
    await run.print([`# file: ${item.shown}`, ...lines, ''].join('\n'));
  };
  await run.eachPresent(rest, (item) => (flags.has('R') ? run.eachBelow(item, print) : print(item)));
};

/** `-setfattr {-n name [-v value] | -x name} <path>` */
export const setfattr: ShellCommand = async (run, words) => {
  const { values, rest } = parseFlags(words, { allowed: 'n= v= x=', least: 1, most: 1 });
  const [name, removed] = [values.get('n'), values.get('x')];
  if ((name === undefined) === (removed === undefined))
    throw usageProblem("Must specify '-n name' or '-x name' option.");
  const { web } = run.session.files;
  await run.eachPresent(rest, async (item) => {
    if (removed !== undefined) {
      await web.ask('PUT', 'REMOVEXATTR', item.path, { 'xattr.name': removed });
      return;
    }
    type Answer = { readonly XAttrNames: string };
    const { XAttrNames: names } = await web.ask<Answer>('GET', 'LISTXATTRS', item.path);
    await web.ask('PUT', 'SETXATTR', item.path, {
      'xattr.name': name,
      'xattr.value': encodedValue(values.get('v')),
      'flag': (JSON.parse(names) as string[]).includes(name ?? '') ? 'REPLACE' : 'CREATE',
    });
  });
};

const ACL_OPERATIONS: Readonly<Record<string, { readonly op: string; readonly hasEntries: boolean }>> = {
  'b': { op: 'REMOVEACL', hasEntries: false },
  'k': { op: 'REMOVEDEFAULTACL', hasEntries: false },
  'm': { op: 'MODIFYACLENTRIES', hasEntries: true },
  'x': { op: 'REMOVEACLENTRIES', hasEntries: true },
  '-set': { op: 'SETACL', hasEntries: true },
};

async function printAcl(run: CommandRun, item: PresentItem): Promise<void> {
  if (item.fileSystem.scheme !== 'hdfs') throw pathProblem(item.shown, 'Operation not supported');
  const { owner, group, permission } = item.status;
  const letters = permissionText(permission);
  const lines = [`# file: ${item.shown}`, `# owner: ${owner}`, `# group: ${group}`];
  if (/t$/i.test(letters)) lines.push(`# flags: --${letters.at(-1)}`);
  const plain = letters.replace('t', 'x').replace('T', '-');
  const [user, middle, other] = [plain.slice(0, 3), plain.slice(3, 6), plain.slice(6)];
  type Answer = { readonly AclStatus: { readonly entries: readonly string[] } };
  const entries = item.status.hasAcl
    ? (await run.session.files.web.ask<Answer>('GET', 'GETACLSTATUS', item.path)).AclStatus.entries
    : [];
  const access = entries.filter((each) => !each.startsWith('default:'));
  // With entries of its own the group's bits of the permission are the mask.
  const own = access.length === 0 ? [`group::${middle}`] : [...access, `mask::${middle}`];
  const shown = own.map((each) => withEffect(each, access.length === 0 ? 'rwx' : middle));
  const defaults = entries.filter((each) => each.startsWith('default:'));
  const mask = defaults.find((each) => each.startsWith('default:mask::'))?.slice(-3) ?? 'rwx';
  lines.push(`user::${user}`, ...shown, `other::${other}`, ...defaults.map((each) => withEffect(each, mask)));
  await run.print([...lines, '', ''].join('\n'));
}

/** What the mask leaves of the entry of a named user or of a group. */
function withEffect(entry: string, mask: string): string {
  if (!/^(?:default:)?(?:user:[^:]+|group:[^:]*):/.test(entry)) return entry;
  const letters = entry.slice(-3);
  const left = [...letters].map((letter, index) => (mask[index] === '-' ? '-' : letter)).join('');
  return left === letters ? entry : `${entry}\t#effective:${left}`;
}

function withoutDefaults(entries: string): string {
  return entries
    .split(',')
    .filter((each) => !each.startsWith('default:'))
    .join(',');
}

/** Text in quotes or without, `0x…` and `0s…` (Base64), as Hadoop's `XAttrCodec` reads it; hexadecimal comes out. */
function encodedValue(value: string | undefined): string {
  if (value === undefined) return '';
  if (/^0x/i.test(value)) return value;
  const bytes = /^0s/i.test(value)
    ? Buffer.from(value.slice(2), 'base64')
    : Buffer.from(value.replace(/^"([\s\S]*)"$/, '$1'));
  return `0x${bytes.toString('hex')}`;
}
