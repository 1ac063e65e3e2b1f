import type { Action, Finding } from './finding.ts';
import type { Observation, SqliteFileState } from './observation.ts';

/** A SQLite file that can't be written to, or that a killed writer has left in the middle of something. */
export function diagnoseSqlite({ file, surroundings }: Observation): Finding[] {
  if (file === undefined) return [];
  if (file.unreadable !== undefined && file.holders.length === 0) {
    return [
      {
        kind: 'sqlite_damaged',
        what: 'The file of the database is damaged.',
        details: [file.path, file.unreadable],
        action: { kind: 'rebuild-file' },
      },
    ];
  }
  if (!file.writable || file.unreadable !== undefined) return lockedFindings(file, surroundings.services);
  if (file.journalBytes > 0 && file.holders.length === 0) {
    return [
      {
        kind: 'sqlite_journal',
        what: 'A process was killed in the middle of writing.',
        details: [`${file.path}-journal has ${file.journalBytes} bytes that undo what it had not finished`],
        action: { kind: 'settle-file' },
      },
    ];
  }
  return [];
}

function lockedFindings(file: SqliteFileState, services: Readonly<Record<string, unknown>>): Finding[] {
  const holders = file.holders.map((each): Finding => {
    const owner = each.component ?? (each.command.split(' ')[0] || 'a process');
    const isOurs = each.component !== undefined;
    const action: Action =
      each.component !== undefined && each.component in services
        ? { kind: 'restart-service', service: each.component }
        : { kind: 'end-process', pid: each.pid, owner, isOurs };
    return {
      kind: 'sqlite_locked',
      what: `The database is locked, and process ${each.pid} (${owner}) has it open.`,
      details: [file.path, each.command.slice(0, 120)],
      action,
    };
  });
  if (holders.length > 0) return holders;
  return [
    {
      kind: 'sqlite_locked',
      what: 'The database is locked, and no process on this machine that we can see holds it.',
      details: [file.path, 'another machine may have it open, or a lock of a network file system was left'],
      action: { kind: 'rebuild-file' },
    },
  ];
}
