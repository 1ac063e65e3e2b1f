import type { Context } from '../context.ts';
import type { PreparedStack } from './stackDrivers.ts';
import type { ReportedStack, StackNewsroom } from './stackNewsroom.ts';

/** What requests may do with a supervisor. */
export interface Supervised extends ReportedStack {
  readonly newsroom: StackNewsroom;
  /** Of the shell that has started it. */
  readonly environment: Context['env'];
  prepare(): Promise<PreparedStack>;
  shutDown(): Promise<void>;
}
