declare global {
  /** Set by `build.mjs` from package.json. */
  const __VERSION__: string;
  /** The oldest Node that runs this program, such as `22.12`: package.json's `engines`. */
  const __NODE_MINIMUM__: string;
}

export function version(): string {
  return __VERSION__;
}
