import { expect, test } from 'vitest';
import type { StackView } from '../../src/stack/events.ts';
import { stackList } from '../../src/ui/stackList.ts';
import { statusReport } from '../../src/ui/statusReport.ts';
import { createStyle } from '../../src/ui/style.ts';

const NOW = 1_000_000;
const style = createStyle(false);
const STACK: StackView = {
  status: 'degraded',
  project: '/work/orders',
  airflowVersion: '2.11.2',
  pythonVersion: '3.12.4',
  pid: 10,
  startedAt: NOW - 65_000,
  url: 'http://127.0.0.1:8081',
  preloadPid: 11,
  services: [
    {
      name: 'scheduler',
      kind: 'process',
      status: 'ready',
      pid: 12,
      since: NOW - 60_000,
      startedAt: NOW - 62_000,
      restarts: 2,
      cpuPercent: 1.25,
      memoryBytes: 141_000_000,
    },
    { name: 'triggerer', kind: 'process', status: 'failed', since: NOW, restarts: 0, detail: 'ended with 1' },
  ],
};

test('variables that services have from another shell are named, without their values', () => {
  const stack = { ...STACK, changedVariables: ['API_URL', 'DB_HOST'] };
  expect(statusReport({ project: '/work/orders', stack, preloaded: [] }, NOW, style)).toContain(
    'ENV  API_URL, DB_HOST  services have these from the shell that started them 1 min 05 s ago: devenv down, devenv up',
  );
});

test('a running stack: state, addresses, a line a service', () => {
  expect(statusReport({ project: '/work/orders', stack: STACK, preloaded: [] }, NOW, style)).toEqual([
    '! degraded  Airflow 2.11.2, Python 3.12.4  up 1 min 05 s',
    '/work/orders',
    'UI   http://127.0.0.1:8081  devenv open',
    'API  http://127.0.0.1:8081/api/v1  devenv api',
    '',
    'service    status    pid         age    cpu  memory  restarts',
    'scheduler  ● ready    12  1 min 02 s  1.3 %  141 MB         2',
    'triggerer  ✗ failed                                            ended with 1',
    '',
    'supervisor 10, preloaded process 11',
  ]);
});

test('a plugin that can not be loaded is named with its line', () => {
  const plugins = [{ file: '/work/orders/plugins/reports.py', line: 2, message: "No module named 'x'" }];
  const report = statusReport({ project: '/work/orders', stack: STACK, preloaded: [], plugins }, NOW, style);
  expect(report.filter((each) => each.includes('plugins/'))).toEqual([
    "✗ plugins/reports.py:2: No module named 'x'",
  ]);
});

test('without a stack the HDFS that runs is named', () => {
  const hdfs = { pid: 14, url: 'http://127.71.3.9:9870' };
  const report = statusReport({ project: '/work/orders', preloaded: [], hdfs }, NOW, style);
  expect(report).toContain('HDFS 14 runs at http://127.71.3.9:9870');
});

test('a stack with an HDFS says where it is', () => {
  const url = 'http://127.71.3.9:9870';
  const hdfs = { name: 'hdfs', kind: 'process', status: 'ready', since: NOW, restarts: 0, url } as const;
  const report = statusReport(
    { project: '/work/orders', stack: { ...STACK, services: [hdfs] }, preloaded: [] },
    NOW,
    style,
  );
  expect(report).toContain(`HDFS ${url}  devenv hdfs ls /`);
});

test('without a stack: what is there all the same', () => {
  const model = { project: '/work/orders', preloaded: [{ pid: 11 }], database: { pid: 12 } };
  expect(statusReport(model, NOW, style)).toEqual([
    '○ stopped  devenv up starts the stack',
    '/work/orders',
    'preloaded process 11 is ready: the next start and run are quick',
    'Postgres 12 runs',
  ]);
});

test('a list has a line a project, and says what is stale', () => {
  const lines = stackList(
    [
      {
        runtimeDirectory: '/run/a',
        project: '/work/orders',
        stack: STACK,
        preloaded: [{ pid: 11 }],
        stale: [],
      },
      { runtimeDirectory: '/run/b', preloaded: [], stale: ['supervisor.sock'] },
    ],
    NOW,
    style,
  );
  expect(lines).toEqual([
    'project       status      airflow  address                        up  else',
    '/work/orders  ! degraded  2.11.2   http://127.0.0.1:8081  1 min 05 s',
    '/run/b        ○ stopped                                               stale: supervisor.sock',
  ]);
  expect(stackList([], NOW, style)).toEqual(['No stack of yours runs on this machine.']);
});
