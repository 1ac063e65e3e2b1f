import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { installHadoopPrograms } from '../../../src/hdfs/configuration/hadoopPrograms.ts';
import { context, makeProject } from '../support/hdfsProject.ts';

test('hdfs and hadoop stand in where there is no Hadoop', async () => {
  const project = await makeProject();
  await installHadoopPrograms(context({ PATH: '/nowhere' }), project);
  const file = path.join(project.stateDirectory, 'bin', 'hdfs');
  expect((await stat(file)).mode & 0o111).toBe(0o111);
  expect(await readFile(file, 'utf8')).toContain(`'--root' '${project.root}' '--' 'hdfs' "$@"`);
  const named = { ...project, configFile: '/elsewhere/mine.yaml' };
  await installHadoopPrograms(context({ PATH: '/nowhere' }), named);
  expect(await readFile(file, 'utf8')).toContain(`'--config' '/elsewhere/mine.yaml' 'hadoop-command'`);
  const before = (await stat(file)).ino;
  await installHadoopPrograms(context({ PATH: `/nowhere:${path.dirname(file)}` }), named);
  expect((await stat(file)).ino).toBe(before);
});

test('where the real one is on PATH it is the one that counts', async () => {
  const project = await makeProject();
  const real = path.join(project.root, 'hadoop', 'bin');
  await mkdir(real, { recursive: true });
  await installHadoopPrograms(context({ PATH: real }), project);
  await writeFile(path.join(real, 'hdfs'), '#!/bin/sh\nexec java HdfsDfs\n', { mode: 0o755 });
  await installHadoopPrograms(context({ PATH: real }), project);
  expect(await readdir(path.join(project.stateDirectory, 'bin'))).toEqual(['hadoop']);
});
