/** How long ago, as a person says it: `4 s`, `3 min`, `2 h`, `5 d`. */
export function since(time: number, now: number): string {
  const seconds = Math.max(0, (now - time) / 1000);
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`;
}
