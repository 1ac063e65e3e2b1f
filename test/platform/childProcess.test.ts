import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { DevenvError } from '../../src/errors.ts';
import { pasteableCommand, runCommand } from '../../src/platform/childProcess.ts';

const env = { PATH: process.env['PATH'] };

describe('runCommand', () => {
  test('returns what the command printed', async () => {
    const result = await runCommand('sh', ['-c', 'echo out; echo err >&2'], { env });
    expect(result).toEqual({ stdout: 'out', stderr: 'err', exitCode: 0 });
  });

  test('gives each line as it comes, with its stream, and still returns all', async () => {
    const lines: string[] = [];
    const result = await runCommand('sh', ['-c', 'echo a; echo b; echo c >&2'], {
      env,
      onLine: (line, stream) => lines.push(`${stream} ${line}`),
    });
    expect(lines.toSorted()).toEqual(['stderr c', 'stdout a', 'stdout b']);
    expect(result.stdout).toBe('a\nb');
  });

  test('passes only the given environment, and the input', async () => {
    const result = await runCommand('sh', ['-c', 'echo "$HOME|$A"; cat'], {
      env: { ...env, A: '1' },
      input: 'in',
    });
    expect(result.stdout).toBe('|1\nin');
  });

  test('starts in the given folder', async () => {
    const cwd = await mkdtemp(path.join(tmpdir(), 'cwd-'));
    expect((await runCommand('pwd', ['-P'], { env, cwd })).stdout).toBe(cwd);
  });

  test('a failure shows the end of the output and a command to paste, never the environment', async () => {
    const script = 'seq 1 100; echo "it is broken" >&2; exit 3';
    const error = await failure(runCommand('sh', ['-c', script], { env: { ...env, TOKEN: 'hush' } }));
    expect(error.code).toBe('command_failed');
    expect(error.what).toBe('sh ended with exit code 3.');
    expect(error.why?.split('\n')).toHaveLength(20);
    expect(error.why).toContain('it is broken');
    expect(error.next[0]).toBe(`Run it yourself: sh -c '${script}'`);
    expect(JSON.stringify(error)).not.toContain('hush');
  });

  test('returns the exit code when failing is allowed', async () => {
    expect((await runCommand('sh', ['-c', 'exit 7'], { env, allowFailure: true })).exitCode).toBe(7);
  });

  test('says when the program is missing or was ended by a signal', async () => {
    const missing = await failure(runCommand('/no/such/program', [], { env, allowFailure: true }));
    expect([missing.code, missing.why]).toEqual(['command_not_found', 'There is no such program.']);
    const killed = await failure(runCommand('sh', ['-c', 'kill -9 $$'], { env, allowFailure: true }));
    expect(killed.what).toBe('sh ended with signal SIGKILL.');
  });

  test('ends with the reason of the abort', async () => {
    const abort = new AbortController();
    const running = runCommand('sh', ['-c', 'echo started; exec sleep 60'], {
      env,
      signal: abort.signal,
      onLine: () => abort.abort(new Error('enough')),
    });
    await expect(running).rejects.toThrow('enough');
  });
});

test('a pasteable command quotes what a shell would change', () => {
  expect(pasteableCommand('uv', ['pip', "it's", 'a b', '--x=1'])).toBe(
    String.raw`uv pip 'it'\''s' 'a b' --x=1`,
  );
});

async function failure(promise: Promise<unknown>): Promise<DevenvError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DevenvError);
  return error as DevenvError;
}
