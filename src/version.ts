declare global {
  /** Set by `build.mjs` from package.json. */
  const __VERSION__: string;
}

export function version(): string {
  return __VERSION__;
}
