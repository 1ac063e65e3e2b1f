import { expect, test } from 'vitest';
import { nearestNames } from '../../src/config/nearestNames.ts';

test('a swap of two letters is one mistake', () => {
  expect(nearestNames('sede', ['seed', 'spark', 'hdfs'])).toEqual(['seed']);
});

test('the nearest comes first, equally near ones by name', () => {
  expect(
    nearestNames('daily_report', ['daily_reports_v2', 'daily_reprt', 'daily_report2', 'weekly']),
  ).toEqual(['daily_report2', 'daily_reprt', 'daily_reports_v2']);
});

test('case does not count, the beginning of a long name is near', () => {
  expect(nearestNames('TONE', ['tone_check_training_dag'])).toEqual(['tone_check_training_dag']);
});

test('nothing is suggested for a name that is like none', () => {
  expect(nearestNames('kubernetes', ['seed', 'image'])).toEqual([]);
  expect(nearestNames('', ['seed'])).toEqual([]);
});

test('ten thousand names are compared within a blink', () => {
  const names = Array.from({ length: 10_000 }, (_, index) => `team_${index}_pipeline_for_something`);
  // Of this process: on a machine that is busy with other things the clock says little.
  const before = process.cpuUsage();
  expect(nearestNames('team_42_pipeline_for_somethnig', names)[0]).toBe('team_42_pipeline_for_something');
  const { user } = process.cpuUsage(before);
  expect(user / 1000).toBeLessThan(2000);
});
