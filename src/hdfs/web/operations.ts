import { RemoteException } from '../store/remoteException.ts';
import { emptyAnswer, valueAnswer } from './answer.ts';
import * as data from './dataOperations.ts';
import * as read from './readOperations.ts';
import type { Operation } from './webRequest.ts';
import * as write from './writeOperations.ts';

/** What each verb knows, by upper-case name. */
const OPERATIONS: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  GET: {
    OPEN: data.open,
    GETFILESTATUS: read.getFileStatus,
    GETFILELINKSTATUS: read.getFileStatus,
    LISTSTATUS: read.listStatus,
    LISTSTATUS_BATCH: read.listStatusBatch,
    GETCONTENTSUMMARY: read.getContentSummary,
    GETQUOTAUSAGE: read.getQuotaUsage,
    GETFILECHECKSUM: data.getFileChecksum,
    GETHOMEDIRECTORY: read.getHomeDirectory,
    GETDELEGATIONTOKEN: () => valueAnswer('Token', null),
    GETFILEBLOCKLOCATIONS: read.getFileBlockLocations,
    GET_BLOCK_LOCATIONS: read.getBlockLocations,
    CHECKACCESS: read.checkAccess,
    GETTRASHROOT: read.getTrashRoot,
    GETSERVERDEFAULTS: read.getServerDefaults,
    GETALLSTORAGEPOLICY: read.getAllStoragePolicies,
    GETSTORAGEPOLICY: read.getStoragePolicy,
  },
  PUT: {
    CREATE: data.create,
    MKDIRS: write.mkdirs,
    RENAME: write.renameTo,
    SETPERMISSION: write.changePermission,
    SETOWNER: write.changeOwner,
    SETTIMES: write.changeTimes,
    SETREPLICATION: write.changeReplication,
    SETSTORAGEPOLICY: write.changeStoragePolicy,
    SATISFYSTORAGEPOLICY: () => emptyAnswer(),
    CANCELDELEGATIONTOKEN: () => emptyAnswer(),
  },
  POST: {
    APPEND: data.append,
    CONCAT: write.concatFrom,
    TRUNCATE: write.truncateTo,
    UNSETSTORAGEPOLICY: write.unsetStoragePolicy,
  },
  DELETE: {
    DELETE: write.removeAt,
  },
};

/**
 * The operation that a request names.
 *
 * @throws RemoteException UnsupportedOperationException, IllegalArgumentException
 */
export function operationFor(verb: string, name: string | undefined): Operation {
  const known = OPERATIONS[verb];
  if (known === undefined) {
    throw new RemoteException('UnsupportedOperationException', `${verb} is not supported`);
  }
  const wanted = name?.toUpperCase();
  if (wanted === undefined || wanted === 'NULL') {
    throw new RemoteException('UnsupportedOperationException', 'op=NULL is not supported');
  }
  const operation = Object.hasOwn(known, wanted) ? known[wanted] : undefined;
  if (operation !== undefined) return operation;
  throw new RemoteException(
    'IllegalArgumentException',
    `Invalid value for webhdfs parameter "op": ${name} is not a valid ${verb} operation.`,
  );
}
