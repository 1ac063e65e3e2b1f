import { expect, test } from 'vitest';
import type { Project } from '../../src/config/project.ts';
import { isIgnored, reactTo } from '../../src/stack/changedFiles.ts';

const project = {
  repositories: [{ dagsFolders: ['/repo/dags'], pluginsFolders: ['/repo/plugins'] }],
} as unknown as Pick<Project, 'repositories'>;

function react(changed: string, sources: Record<string, string[]> = { '/repo/dags/other.py': [] }) {
  return reactTo([changed], project, {
    sources: new Map(Object.entries(sources).map(([file, read]) => [file, new Set(read)])),
    isPlugin: (file) => file.startsWith('/repo/plugins/'),
  });
}

test('a saved DAG file is parsed', () => {
  expect(react('/repo/dags/a.py')).toEqual({ parse: ['/repo/dags/a.py'], parseAll: false, restartFor: [] });
});

test('a saved helper has every DAG file parsed that read it', () => {
  const sources = { '/repo/dags/a.py': ['/repo/shared/x.py'], '/repo/dags/b.py': ['/repo/shared/y.py'] };
  expect(react('/repo/shared/x.py', sources).parse).toEqual(['/repo/dags/a.py']);
});

test('a helper is followed by all DAG files while nothing is known of who reads it', () => {
  expect(react('/repo/shared/x.py', {})).toMatchObject({ parse: [], parseAll: true });
});

test('a helper that nobody reads changes nothing', () => {
  expect(react('/repo/shared/x.py')).toEqual({ parse: [], parseAll: false, restartFor: [] });
});

test('a plugin restarts what has loaded it, and has the DAG files parsed that read it', () => {
  const sources = { '/repo/dags/a.py': ['/repo/plugins/p.py'] };
  expect(react('/repo/plugins/p.py', sources)).toEqual({
    parse: ['/repo/dags/a.py'],
    parseAll: false,
    restartFor: ['/repo/plugins/p.py'],
  });
});

test('a changed .airflowignore may concern every file', () => {
  expect(react('/repo/dags/.airflowignore').parseAll).toBe(true);
});

test('a README changes nothing', () => {
  expect(react('/repo/dags/README.md')).toEqual({ parse: [], parseAll: false, restartFor: [] });
});

test.each(['/repo/.git/x.py', '/repo/.devenv/a.py', '/repo/a/__pycache__/b.pyc', '/repo/x.egg-info/y.py'])(
  '%s is not watched',
  (file) => {
    expect(isIgnored(file)).toBe(true);
  },
);
