/** Where in the author's input a mistake stands; line and column count from 1. */
export interface SourceLocation {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

export interface DevenvErrorFields {
  /** Stable, machine-readable name, e.g. `config_unknown_key`. Part of the `--json` contract. */
  readonly code: string;
  /** One sentence: what happened. */
  readonly what: string;
  /** One sentence: the reason, where it is known. */
  readonly why?: string;
  /** What the person can do now, most useful first. */
  readonly next?: readonly string[];
  readonly location?: SourceLocation;
  /** True when the input was wrong (exit code 2), false when the work failed (exit code 1). */
  readonly misuse?: boolean;
  readonly cause?: unknown;
}

/** The one error class of the product. Rendering and exit codes belong to the edge (`ui/`, `main.ts`). */
export class DevenvError extends Error {
  override readonly name = 'DevenvError';
  readonly code: string;
  readonly what: string;
  readonly why: string | undefined;
  readonly next: readonly string[];
  readonly location: SourceLocation | undefined;
  readonly misuse: boolean;

  constructor(fields: DevenvErrorFields) {
    super(fields.why === undefined ? fields.what : `${fields.what} ${fields.why}`, { cause: fields.cause });
    this.code = fields.code;
    this.what = fields.what;
    this.why = fields.why;
    this.next = fields.next ?? [];
    this.location = fields.location;
    this.misuse = fields.misuse ?? false;
  }
}
