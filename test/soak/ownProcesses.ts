import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface OwnProcess {
  readonly pid: number;
  readonly command: string;
}

/** Every living process (no zombie) that has the folder in its command line, environment or working directory. */
export function ownProcesses(folder: string): readonly OwnProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      const command = read(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim();
      if (command === '' || / Z /.test(read(`/proc/${name}/stat`).replace(/^.*\)/s, ' '))) return [];
      const isOurs =
        command.includes(folder) ||
        workingDirectory(name).startsWith(folder) ||
        read(`/proc/${name}/environ`).includes(folder);
      return isOurs ? [{ pid: Number(name), command }] : [];
    });
}

function workingDirectory(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
