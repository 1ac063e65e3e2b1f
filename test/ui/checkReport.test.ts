import { expect, test } from 'vitest';
import { formatBytes } from '../../src/ui/bytes.ts';
import { checkReport } from '../../src/ui/checkReport.ts';
import { createStyle } from '../../src/ui/style.ts';

test('each check has a verdict, what to do stands below it, the sum comes last', () => {
  const results = [
    { name: 'Node', verdict: 'ok', detail: 'v24' },
    { name: 'port', verdict: 'warn', detail: '8080 is taken', next: ['Nothing'] },
    { name: 'keys', verdict: 'fail', detail: 'damaged', next: ['Restore them', 'Or not'] },
  ] as const;
  expect(checkReport(results, createStyle(false))).toEqual([
    '✓ ok    Node  v24',
    '! warn  port  8080 is taken',
    '              → Nothing',
    '✗ fail  keys  damaged',
    '              → Restore them',
    '              → Or not',
    '',
    '1 ok, 1 to look at, 1 failed',
  ]);
});

test('sizes are short', () => {
  expect([512, 43_200_000, 1_440_000_000, 999_600].map(formatBytes)).toEqual([
    '512 B',
    '43 MB',
    '1.4 GB',
    '1 MB',
  ]);
});
