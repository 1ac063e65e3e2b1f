/** `14:03:07`, as clocks of this machine show it. */
export function wallClock(time: number): string {
  return new Date(time).toTimeString().slice(0, 8);
}
