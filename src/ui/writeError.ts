import { DevenvError } from '../errors.ts';
import { writeLines } from './output.ts';
import { renderError, renderErrorJson } from './renderError.ts';
import { useColor } from './style.ts';

/** The last words of a command that failed. In JSON mode they are one object on stdout, as all else is. */
export function writeError(
  host: Pick<NodeJS.Process, 'stdout' | 'stderr' | 'env' | 'argv'>,
  error: unknown,
): void {
  const known = error instanceof DevenvError ? error : bug(error);
  if (wantsJson(host.argv)) {
    writeLines(host.stdout, [renderErrorJson(known)]);
    return;
  }
  writeLines(host.stderr, [renderError(known, { color: useColor(host.stderr, host.env) })]);
}

/** Before the command line has been understood; what stands after `--` is the author's. */
export function wantsJson(argv: readonly string[]): boolean {
  const dashes = argv.indexOf('--');
  return argv.slice(0, dashes < 0 ? undefined : dashes).includes('--json');
}

function bug(error: unknown): DevenvError {
  return new DevenvError({
    code: 'internal_error',
    what: 'This is a bug in devenv.',
    why: error instanceof Error ? (error.stack ?? error.message) : String(error),
    cause: error,
  });
}
