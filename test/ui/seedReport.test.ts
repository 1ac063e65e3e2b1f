import { expect, test } from 'vitest';
import type { SeedItemReport, SeedReport } from '../../src/seed/events.ts';
import { seedReport } from '../../src/ui/seedReport.ts';
import { createStyle } from '../../src/ui/style.ts';

const PLAIN = createStyle(false);

function report(items: readonly SeedItemReport[], mode: SeedReport['mode'] = 'apply'): SeedReport {
  const base = { v: 1, event: 'seed', ok: true, changed: true, duration_ms: 120 } as const;
  return { ...base, mode, files: ['/p/seed/variables.yaml'], items };
}

test('what is as it was is only counted', () => {
  const items = [
    { kind: 'variable', name: 'a', action: 'created' },
    { kind: 'connection', name: 'long_name', action: 'updated' },
    { kind: 'pool', name: 'p', action: 'unchanged' },
  ] as const;
  expect(seedReport(report(items), PLAIN, { diff: false, prune: false })).toEqual([
    '+ created  variable    a',
    '~ updated  connection  long_name',
    '',
    '1 created, 1 updated, 1 unchanged (0.12 s)',
  ]);
});

test('differences, reasons, and what is in the way', () => {
  const error = {
    code: 'x',
    what: 'What.',
    why: 'Why.',
    next: ['Do it'],
    misuse: true,
    file: 's.yaml',
    line: 3,
    column: 7,
  };
  const items = [
    {
      kind: 'variable',
      name: 'a',
      action: 'updated',
      changes: [{ field: 'value', before: 'x\u001B[31m', after: null }],
    },
    { kind: 'variable', name: 'b', action: 'unchanged', shadowed_by: 'AIRFLOW_VAR_B' },
    { kind: 'variable', name: 'c', action: 'left' },
    { action: 'failed', error },
  ] as const;
  expect(seedReport(report(items, 'compare'), PLAIN, { diff: true, prune: false }).slice(0, -2)).toEqual([
    '~ to update  variable  a',
    '    - value: x',
    '  unchanged  variable  b',
    '    ! Airflow reads AIRFLOW_VAR_B of the environment instead of the database',
    '? left       variable  c',
    '    seeded earlier, in no file any more; --prune deletes it',
    '✗ failed     file      s.yaml:3:7',
    '    s.yaml:3:7: What.',
    '      Why.',
    '      → Do it',
  ]);
});

test('nothing to seed', () => {
  const lines = seedReport({ ...report([]), files: [] }, PLAIN, { diff: false, prune: false });
  expect(lines).toEqual([
    'There is nothing to seed: no file is named in devenv.yaml (seed:) or lies in seed/.',
  ]);
});

test('what was kept, and what an update takes back, is told', () => {
  const items = [
    { kind: 'variable', name: 'a', action: 'kept', kept: 'changed' },
    { kind: 'variable', name: 'b', action: 'kept', kept: 'not_seeded' },
    { kind: 'variable', name: 'c', action: 'updated', overwrites: true },
  ] as const;
  expect(seedReport(report(items), PLAIN, { diff: false, prune: false })).toEqual([
    '= kept     variable  a',
    '    ! changed in the database since it was seeded; devenv seed stores what the files say',
    '= kept     variable  b',
    '    ! in the database already, and not from a seed; devenv seed stores what the files say',
    '~ updated  variable  c',
    '    ! it had been changed in the database since the last seed',
    '',
    '1 updated, 2 kept (0.12 s)',
  ]);
});

test('many changes are summed up by kind; what has to be read is not', () => {
  const names = Array.from({ length: 3_000 }, (_, index) => `v${index}`);
  const items: SeedItemReport[] = [
    ...names.map((name) => ({ kind: 'variable', name, action: 'created' }) as const),
    { kind: 'connection', name: 'c', action: 'updated' },
    { kind: 'variable', name: 'mine', action: 'kept', kept: 'changed' },
  ];
  expect(seedReport(report(items), PLAIN, { diff: false, prune: false })).toEqual([
    '+ created  3000 variables  v0, v1, v2, v3, v4, …',
    '~ updated  1 connection    c',
    '= kept     variable        mine',
    '    ! changed in the database since it was seeded; devenv seed stores what the files say',
    '',
    '3000 created, 1 updated, 1 kept (0.12 s)',
  ]);
});

test('files whose names are not taken are told, with the names that are', () => {
  const lines = seedReport({ ...report([]), files: [], passed_over: ['seed/v.yaml'] }, PLAIN, {
    diff: false,
    prune: false,
  });
  expect(lines.slice(1)).toEqual([
    '! Passed over for its name: seed/v.yaml',
    expect.stringContaining('variables, connections, pools and seed'),
  ]);
});
