import { DevenvError, type DevenvErrorFields, type SourceLocation } from '../errors.ts';
import type { SeedKind } from './seedItem.ts';

/** Something in a seed that can't be applied. Everything else still is. */
export interface SeedProblem {
  /** Absent when it concerns a whole file. */
  readonly item?: { readonly kind: SeedKind; readonly name: string };
  /** Always with a place. */
  readonly error: DevenvError;
}

/** A mistake in a file: exit code 2. */
export function mistake(
  place: SourceLocation | undefined,
  fields: Omit<DevenvErrorFields, 'location' | 'misuse'>,
): DevenvError {
  return new DevenvError({ ...fields, ...(place === undefined ? {} : { location: place }), misuse: true });
}

/** Something outside the files that did not work: exit code 1. */
export function failure(
  place: SourceLocation,
  fields: Omit<DevenvErrorFields, 'location' | 'misuse'>,
): DevenvError {
  return new DevenvError({ ...fields, location: place, misuse: false });
}
