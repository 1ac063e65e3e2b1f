/** Waits for a condition; says what was seen when it never came. */
export async function waitUntil(
  condition: () => boolean,
  seen: () => string,
  timeoutMs = 5000,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`Waited ${timeoutMs} ms. Seen:\n${seen()}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}
