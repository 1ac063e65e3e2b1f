import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';

/** Another user of this machine, with an account of their own. */
export interface OtherUser extends Disposable {
  readonly name: string;
  readonly uid: number;
  /** Runs a program as that user, from the root folder; fails with what it said when it does not end with 0. */
  run(file: string, args: readonly string[], input?: string): Promise<string>;
}

/** @throws Error which says what is missing: only root can act as another user. */
export function makeOtherUser(): OtherUser {
  if (process.getuid?.() !== 0)
    throw new Error('These tests act as another user of the machine, which only root can: run them as root.');
  const name = `devenv-${randomBytes(4).toString('hex')}`;
  try {
    execFileSync('useradd', ['--no-create-home', '--shell', '/bin/sh', name], { stdio: 'pipe' });
  } catch (error) {
    throw new Error('useradd is needed to make another user of the machine, and failed', { cause: error });
  }
  const [uid = 0, gid = 0] = ['-u', '-g'].map((option) =>
    Number(execFileSync('id', [option, name], { encoding: 'utf8' })),
  );
  return {
    name,
    uid,
    run: async (file, args, input = '') => {
      const child = spawn(file, args, {
        uid,
        gid,
        cwd: '/',
        env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/', USER: name },
        stdio: 'pipe',
      });
      child.stdin.on('error', () => {});
      child.stdin.end(input);
      const ended = new Promise<number | null>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', resolve);
      });
      const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
      if (code !== 0) throw new Error(`${file} as ${name} ended with ${code}: ${stderr}`);
      return stdout;
    },
    [Symbol.dispose]: () => {
      execFileSync('userdel', [name], { stdio: 'pipe' });
    },
  };
}
