import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { SoakCommand } from './soakCommand.ts';
import type { SoakProject } from './soakProject.ts';

/** Faults that the soak makes itself, to show that it would find them. */
export const PLANTS = ['lost-row', 'secret', 'process', 'hang'] as const;
export type Plant = (typeof PLANTS)[number];

const DELETE = `
import os, sqlalchemy
with sqlalchemy.create_engine(os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]).begin() as connection:
    connection.execute(sqlalchemy.text("delete from variable where key = 'row_1'"))
`;

const MAKERS: Readonly<Record<Exclude<Plant, 'hang'>, (soak: SoakProject) => Promise<unknown>>> = {
  'lost-row': (soak) => soak.devenv(['python', '-c', DELETE]),
  'secret': (soak) => writeFile(path.join(soak.root, '.devenv', 'planted'), soak.secrets[1] ?? ''),
  'process': async (soak) => {
    const child = spawn('sleep', ['90'], { cwd: soak.root, detached: true, stdio: 'ignore' });
    child.unref();
  },
};

/** All but `hang`, which is a command by itself: {@link hangingCommand}. */
export async function plantFaults(soak: SoakProject, plants: readonly Plant[]): Promise<void> {
  for (const plant of plants) if (plant !== 'hang') await MAKERS[plant](soak);
}

/** One that neither works nor ends. */
export function hangingCommand(soak: SoakProject): SoakCommand {
  const command = soak.start(['list'], { limitMs: 3_000 });
  process.kill(command.pid, 'SIGSTOP');
  return command;
}
