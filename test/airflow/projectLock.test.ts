import { expect, test } from 'vitest';
import { readProjectLock } from '../../src/airflow/projectLock.ts';
import { makeTree } from '../config/tree.ts';

const LOCKS: Readonly<Record<string, string>> = {
  'uv.lock':
    'version = 1\n\n[[package]]\nname = "Flask_Login"\nversion = "0.6.3"\nsource = { registry = "x" }\n\n' +
    '[[package]]\nname = "numpy"\nversion = "1.26.4"\n\n[[package]]\nname = "numpy"\nversion = "2.1.0"\n',
  'poetry.lock':
    '[[package]]\nname = "flask-login"\nversion = "0.6.3"\n\n[package.dependencies]\nFlask = ">=1"\n',
  'pylock.toml': '[[packages]]\nname = "flask-login"\nversion = "0.6.3"\n',
  'Pipfile.lock': '{"default": {"flask-login": {"hashes": ["sha256:0"], "version": "==0.6.3"}}}',
  'requirements.txt': 'flask-login==0.6.3 \\\n    --hash=sha256:0\n    # via airflow\n',
};

test.each(Object.entries(LOCKS))('%s says a version of each package', async (name, text) => {
  const root = await makeTree({ [name]: text });
  // What is locked with two versions is left to the release.
  expect([...readProjectLock(`${root}/${name}`)]).toEqual([['flask-login', '0.6.3']]);
});
