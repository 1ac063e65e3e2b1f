import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { SoakProject } from './soakProject.ts';

/** Copies what tells how a fault came about, before the soak goes on. */
export async function keepEvidence(
  soak: SoakProject,
  folder: string,
  texts: readonly string[],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const processes = soak
    .processes()
    .map(({ pid, parent, role, command }) => `${pid} ${parent} ${role} ${command}`);
  await writeFile(path.join(folder, 'fault.txt'), [...texts, '', ...processes, ''].join('\n'));
  const state = path.join(soak.root, '.devenv');
  for (const name of ['logs', 'stack.json', 'snapshots/.work', 'runs']) {
    await cp(path.join(state, name), path.join(folder, name), { recursive: true }).catch(() => {});
  }
}
