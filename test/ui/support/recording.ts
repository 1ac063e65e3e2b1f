import fs from 'node:fs';
import type { RunEvent } from '../../../src/dagruns/events.ts';

/** Events as Airflow 3.3.2 sent them through our Python side, one JSON object a line. */
export function readRecording(name: 'success' | 'failure' | 'import-error'): RunEvent[] {
  const file = new URL(`../fixtures/airflow3-${name}.ndjson`, import.meta.url);
  const lines = fs.readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as RunEvent);
}
