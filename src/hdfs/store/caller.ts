import type { Store } from './store.ts';

/** Who asks. */
export interface Caller {
  readonly user: string;
  readonly groups: readonly string[];
  /** Permissions do not hold for this one. */
  readonly isSuper: boolean;
  /** Address of the machine, for messages. */
  readonly machine: string;
}

/** HDFS asks the operating system for a user's groups. Users of a mock need not exist there: the superuser alone has one. */
export function callerNamed(store: Store, user: string, machine: string): Caller {
  const isSuper = user === store.superuser;
  return { user, groups: isSuper ? [store.supergroup] : [], isSuper, machine };
}
