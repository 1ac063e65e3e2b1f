const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000];
/** In the first minute: often enough to see that it lives, seldom enough to cost nothing. */
const STEP = 5 * SECOND;

/** An age in milliseconds, roughly: `35 s`, `12 min`, `3 h 05 min`, `2 d`. It changes seldom. */
export function formatAge(milliseconds: number): string {
  const age = Math.max(0, milliseconds);
  if (age < MINUTE) return `${Math.floor(age / STEP) * (STEP / SECOND)} s`;
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min`;
  if (age >= 2 * DAY) return `${Math.floor(age / DAY)} d`;
  return `${Math.floor(age / HOUR)} h ${String(Math.floor((age % HOUR) / MINUTE)).padStart(2, '0')} min`;
}

/** Milliseconds until `formatAge` says something else. */
export function ageChangesIn(milliseconds: number): number {
  const age = Math.max(0, milliseconds);
  const step = age < MINUTE ? STEP : age >= 2 * DAY ? DAY : MINUTE;
  return step - (age % step);
}
