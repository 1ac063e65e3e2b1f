const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000];
/** In the first minute: often enough to see that it lives, seldom enough to cost nothing. */
const STEP = 5 * SECOND;

/** An age in milliseconds, roughly, in at most six columns: `35 s`, `12 min`, `3 h`, `2 d`. It changes seldom. */
export function formatAge(milliseconds: number): string {
  const age = Math.max(0, milliseconds);
  if (age < MINUTE) return `${Math.floor(age / STEP) * (STEP / SECOND)} s`;
  const [unit, name] = unitOf(age);
  return `${Math.floor(age / unit)} ${name}`;
}

/** Milliseconds until `formatAge` says something else. */
export function ageChangesIn(milliseconds: number): number {
  const age = Math.max(0, milliseconds);
  const step = age < MINUTE ? STEP : unitOf(age)[0];
  return step - (age % step);
}

/** For what goes on right now, in at most seven columns: `12.3 s`, `1m 05s`, `1h 02m`. */
export function formatClock(milliseconds: number): string {
  const age = Math.max(0, milliseconds);
  if (age < MINUTE) return `${(Math.floor(age / 100) / 10).toFixed(1)} s`;
  if (age < HOUR) return `${Math.floor(age / MINUTE)}m ${two((age % MINUTE) / SECOND)}s`;
  return `${Math.floor(age / HOUR)}h ${two((age % HOUR) / MINUTE)}m`;
}

function unitOf(age: number): readonly [number, string] {
  if (age < HOUR) return [MINUTE, 'min'];
  return age < 2 * DAY ? [HOUR, 'h'] : [DAY, 'd'];
}

function two(value: number): string {
  return String(Math.floor(value)).padStart(2, '0');
}
