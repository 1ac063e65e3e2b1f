import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { prepareHdfs } from '../../src/hdfs/openHdfs.ts';
import { isPrepared } from '../../src/hdfs/preparedStamp.ts';
import { context, makeProject, serveHere } from './support/hdfsProject.ts';

test('what was prepared is prepared until the place, the settings, the shell or a file changes', async () => {
  const project = await makeProject();
  const place = await serveHere(project);
  expect(await isPrepared(context(), project, place)).toBe(false);
  await prepareHdfs(context(), project);
  expect(await isPrepared(context(), project, place)).toBe(true);
  expect(await isPrepared(context(), project, { ...place, address: '127.70.0.9' })).toBe(false);
  expect(await isPrepared(context({ HADOOP_USER_NAME: 'bob' }), project, place)).toBe(false);
  const renamed = { ...project, hdfs: { ...project.hdfs, nameservice: 'prod' } };
  expect(await isPrepared(context(), renamed, place)).toBe(false);
  await rm(path.join(project.stateDirectory, 'hadoop/conf/core-site.xml'));
  expect(await isPrepared(context(), project, place)).toBe(false);
});

test('with files of production it is looked at them each time', async () => {
  const project = await makeProject();
  const file = path.join(project.root, 'core-site.xml');
  await writeFile(file, '<configuration/>');
  const named = { ...project, hdfs: { ...project.hdfs, conf: [file] } };
  const place = await serveHere(named);
  await prepareHdfs(context(), named);
  expect(await isPrepared(context(), named, place)).toBe(false);
});
