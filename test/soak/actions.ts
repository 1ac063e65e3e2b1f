import { HELPER_PROGRAM } from './ownProcesses.ts';
import type { SoakCommand } from './soakCommand.ts';
import type { SoakProject } from './soakProject.ts';

/** A command that is killed in the middle of. */
export interface StartedAction {
  readonly command: SoakCommand;
  /** Notes what the project may hold from here on. */
  finished(succeeded: boolean): void;
  /** Ends what the action had started for itself. */
  cleanUp?(): Promise<void>;
}

export type ActionName = keyof typeof ACTION_WEIGHTS;

/** Quick ones more often than slow ones. */
export const ACTION_WEIGHTS = {
  'seed': 4,
  'secrets set': 2,
  'secrets edit': 2,
  'secrets rekey': 1,
  'snapshot save': 3,
  'snapshot restore': 3,
  'unlockdb': 3,
  'up': 6,
  'down': 1,
  'run-dag': 5,
} as const;

const ACTIONS: Readonly<Record<ActionName, (soak: SoakProject) => Promise<StartedAction>>> = {
  'seed': async (soak) => {
    const generation = await soak.nextGeneration();
    return {
      command: soak.start(['seed', '-q']),
      finished: (succeeded) => {
        if (succeeded) soak.database.seeded(generation);
      },
    };
  },
  'secrets set': async (soak) => {
    const input = soak.nextSecret();
    return typing(soak, soak.start(['secrets', 'set', 'soak'], { input }), input);
  },
  'secrets edit': async (soak) => {
    const typed = soak.nextSecret();
    return typing(soak, soak.start(['secrets', 'edit', '--fresh'], { env: { SOAK_TYPED: typed } }), typed);
  },
  'secrets rekey': async (soak) => plain(soak, ['secrets', 'rekey']),
  'snapshot save': async (soak) => ({
    command: soak.start(['snapshot', 'save', '-q', '-y', '--replace', 'again']),
    finished: (succeeded) => soak.database.saved('again', succeeded),
  }),
  'snapshot restore': async (soak) => {
    const name = soak.generation % 2 === 0 ? 'base' : 'again';
    return {
      command: soak.start(['snapshot', 'restore', '-q', '-y', name]),
      finished: (succeeded) => soak.database.restored(name, succeeded),
    };
  },
  'unlockdb': (soak) => unlocking(soak),
  'up': async (soak) => plain(soak, ['up', '-d', '-q']),
  'down': async (soak) => plain(soak, ['down', '-q']),
  'run-dag': async (soak) => ({
    command: soak.start(['run-dag', '-q', 'dags/soak.py']),
    finished: (succeeded) => {
      if (succeeded) soak.database.ran();
    },
  }),
};

export function startAction(name: ActionName, soak: SoakProject): Promise<StartedAction> {
  return ACTIONS[name](soak);
}

function plain(soak: SoakProject, args: readonly string[]): StartedAction {
  return notActing(soak.start(args));
}

/** Whatever comes of it, rows and secrets stay as they are. */
export function notActing(command: SoakCommand): StartedAction {
  return { command, finished: () => {} };
}

function typing(soak: SoakProject, command: SoakCommand, typed: string): StartedAction {
  return {
    command,
    finished: (succeeded) => {
      if (!succeeded) return;
      soak.stored.clear();
      soak.stored.add(typed);
    },
  };
}

/** Something holds the database, which `unlockdb` frees: a program that a person has started, and that is no victim. */
async function unlocking(soak: SoakProject): Promise<StartedAction> {
  const holder = soak.start(['python', HELPER_PROGRAM]);
  await Promise.race([holder.ended, holder.printed('LOCKED')]);
  return {
    ...plain(soak, ['unlockdb', '-q', '--yes']),
    cleanUp: async () => {
      for (const { pid, role } of soak.processes()) if (role === 'helper') endQuietly(pid);
      await holder.ended;
    },
  };
}

function endQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
