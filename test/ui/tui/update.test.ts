import { expect, test } from 'vitest';
import { isApiUp, type Size } from '../../../src/ui/tui/model.ts';
import { wantedLook } from '../../../src/ui/tui/looks.ts';
import { driven, drivenRun } from './support/dashboardState.ts';
import { RUN, TASKS } from './support/fakeAirflow.ts';
import { CLOCK, logEvent, service, stackEvent } from './support/fakeStack.ts';

const SMALL: Size = { columns: 80, rows: 10 };

test('the selection stays with its service when others come and go', () => {
  const it = driven().press('G');
  expect(it.state.selectedService).toBe('api-server');
  it.tell({ type: 'stack', event: stackEvent({ event: 'service', service: service('aaa') }) });
  expect(it.state.selectedService).toBe('api-server');
  it.press('enter');
  expect([it.state.screen, it.state.logs.service]).toEqual(['logs', 'api-server']);
});

test('r, s and R name what they are for; s starts what does not run', () => {
  const it = driven().press('down', 'r', 's', 'R');
  it.tell({
    type: 'stack',
    event: stackEvent({ event: 'service', service: service('preload', { status: 'stopped' }) }),
  });
  it.press('s');
  expect(it.effects).toEqual([
    { type: 'act', action: 'restart', argument: 'preload', doing: 'Restarting preload' },
    { type: 'act', action: 'stop', argument: 'preload', doing: 'Stopping preload' },
    { type: 'act', action: 'restart', doing: 'Restarting all services' },
    { type: 'act', action: 'start', argument: 'preload', doing: 'Starting preload' },
  ]);
});

test('scrolling up pauses, new lines do not move what is read, the end follows again', () => {
  const it = driven(SMALL).press('2', 'up');
  expect(it.state.logs.bottom).toBe(11);
  const event = logEvent(100, 'scheduler', 'new');
  if (event.event === 'log') it.logs.add(event);
  it.tell({ type: 'stack', event });
  expect(it.state.logs.bottom).toBe(11);
  expect(it.press('down', 'down').state.logs.bottom).toBeUndefined();
  expect(it.press('g').state.logs.bottom).toBe(5);
  expect(it.press('G').state.logs.bottom).toBeUndefined();
});

test('n goes upwards from match to match, N back', () => {
  const it = driven(SMALL).press('2', '/', ...'line 1', 'enter');
  expect([it.state.logs.match, it.state.logs.matches]).toEqual([11, 3]);
  expect(it.press('n').state.logs.match).toBe(10);
  expect(it.press('n').state.logs.match).toBe(1);
  expect(it.press('n').state.logs.match).toBe(1);
  expect(it.press('N').state.logs.match).toBe(10);
  expect(it.press('escape').state.logs).toMatchObject({ query: '', match: undefined });
});

test('what is typed is text, also where its letters are keys', () => {
  const it = driven().press('2', '/', ...'q1?', 'backspace');
  expect(it.state.typing?.text).toBe('q1');
  it.tell({ type: 'paste', text: 'some\ntext' });
  expect(it.state.typing?.text).toBe('q1some text');
  expect(it.press('escape').state.typing).toBeUndefined();
  expect(it.effects).toEqual([]);
  // Outside of a text field nothing may happen because of it.
  const before = it.state;
  expect(it.tell({ type: 'paste', text: 'qs' }).state).toBe(before);
});

test('the palette does what its first match says', () => {
  const it = driven().press(':', ...'restart all', 'enter');
  expect(it.effects).toEqual([{ type: 'act', action: 'restart', doing: 'Restarting all services' }]);
  expect(it.state.overlay).toBeUndefined();
});

test('the question before leaving', () => {
  expect(driven().press('q', 'escape').state.overlay).toBeUndefined();
  expect(driven().press('q', 's').effects).toEqual([{ type: 'leave', result: 'stop' }]);
  expect(driven().press('2', '/', 'x', 'ctrl+c', 'ctrl+c').effects).toEqual([
    { type: 'leave', result: 'leave-running' },
  ]);
  expect(driven().tell({ type: 'link', link: 'lost' }).press('q').effects).toEqual([
    { type: 'leave', result: 'leave-running' },
  ]);
});

test('a DAG is opened with its last run, and a newer run takes its place', () => {
  const it = drivenRun();
  expect(wantedLook(it.state)).toEqual({ look: 'run', dagId: 'orders', runId: undefined });
  const newer = { ...RUN, runId: 'newer' };
  it.tell({ type: 'seen', sight: { look: 'run', dagId: 'orders', runs: [newer, RUN], tasks: TASKS } });
  expect(it.press('[').state.dags.runId).toBe(RUN.runId);
  expect(it.press(']').state.dags.runId).toBeUndefined();
});

test('an answer that comes too late changes nothing', () => {
  const it = drivenRun();
  const before = it.state;
  it.tell({ type: 'seen', sight: { look: 'run', dagId: 'other', runs: [], tasks: [] } });
  expect(it.state).toBe(before);
});

test('t, p and x are for the selected DAG', () => {
  expect(driven().press('3', 'down', 't', 'p', 'x').effects).toEqual([
    { type: 'trigger', dagId: 'ship_parcels' },
    { type: 'setPaused', dagId: 'ship_parcels', paused: false },
    { type: 'foreground', action: 'runDag', argument: 'ship_parcels' },
  ]);
});

test('only an API server that is there is asked', () => {
  const it = driven().press('3');
  expect(isApiUp(it.state)).toBe(true);
  const starting = service('api-server', { status: 'starting' });
  it.tell({ type: 'stack', event: stackEvent({ event: 'service', service: starting }) });
  expect(wantedLook(it.state)).toBeUndefined();
  expect(wantedLook(driven().state)).toBeUndefined();
});

test('what was parsed and could not be is a notice', () => {
  const report = { file: '/p/dags/a.py', dagIds: ['a'], importErrors: [], changed: true, milliseconds: 12 };
  const it = driven().tell({ type: 'stack', event: stackEvent({ event: 'parsed', report }) });
  expect(it.state.notice).toEqual({ level: 'info', text: 'a.py parsed: a', until: CLOCK + 6000 });
  const importErrors = [{ file: '/p/dags/a.py', line: 3, message: 'Traceback…\nNameError: x' }];
  it.tell({ type: 'stack', event: stackEvent({ event: 'parsed', report: { ...report, importErrors } }) });
  expect(it.state.notice).toMatchObject({ level: 'error', text: 'a.py: NameError: x' });
});
