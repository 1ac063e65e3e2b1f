// Adds to package-lock.json the builds for other platforms that npm left out of it because the registry it asked
// did not have them. Without them `npm ci` refuses the lock file everywhere. Run by `npm run lock`.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const file = path.join(import.meta.dirname, '..', 'package-lock.json');
const lock = JSON.parse(await readFile(file, 'utf8'));
const complete = { ...lock.packages };
for (const { optionalDependencies = {}, dev } of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    complete[`node_modules/${name}`] ??= {
      version,
      ...(dev && { dev }),
      optional: true,
      ...platformOf(name),
    };
  }
}
// As npm sorts them.
const sorted = Object.entries(complete).sort(([left], [right]) => left.localeCompare(right, 'en'));
await writeFile(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);

/** The names of such packages end with `<os>-<cpu>[-<abi>]`; npm installs them only where these match. */
function platformOf(name) {
  const [, os, cpu, abi] = /(\w+)-(\w+)(?:-(\w+))?$/.exec(name.replace(/^.*\/(binding-)?/, ''));
  const libc = { gnu: 'glibc', musl: 'musl' }[abi];
  return { os: [os], cpu: [cpu], ...(libc && { libc: [libc] }) };
}
