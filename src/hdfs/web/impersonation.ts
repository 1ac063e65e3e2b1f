import { RemoteException } from '../store/remoteException.ts';
import type { ProxyUser } from './serverSettings.ts';

export interface Impersonation {
  readonly superuser: string;
  readonly proxyUsers: readonly ProxyUser[];
}

/**
 * Whether a user may act as another one, by the rules and in the words of Hadoop's `DefaultImpersonationProvider`. The
 * superuser always may. Groups of production's users are not known here, so that a group's name stands for everybody;
 * a list of hosts stands for this machine, and only its absence refuses.
 *
 * @throws RemoteException AuthorizationException
 */
export function checkImpersonation(
  { superuser, proxyUsers }: Impersonation,
  user: string,
  other: string,
  address: string,
): void {
  if (user === superuser) return;
  const rule = proxyUsers.find((each) => each.user === user);
  const isAllowed = rule?.users.some((each) => each === '*' || each === other) || rule?.groups.length;
  if (rule === undefined || !isAllowed) {
    throw new RemoteException(
      'AuthorizationException',
      `User: ${user} is not allowed to impersonate ${other}`,
    );
  }
  if (rule.hosts.length > 0) return;
  throw new RemoteException(
    'AuthorizationException',
    `Unauthorized connection for super-user: ${user} from IP ${address}`,
  );
}
