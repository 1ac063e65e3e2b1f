import { RemoteException } from '../store/remoteException.ts';
import * as acl from './aclOperations.ts';
import { emptyAnswer, valueAnswer } from './answer.ts';
import * as data from './dataOperations.ts';
import * as other from './otherOperations.ts';
import * as read from './readOperations.ts';
import * as snapshot from './snapshotOperations.ts';
import type { Operation } from './webRequest.ts';
import * as write from './writeOperations.ts';
import * as xattr from './xattrOperations.ts';

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
    GETACLSTATUS: acl.getAclStatus,
    GETXATTRS: xattr.getXattrsAt,
    LISTXATTRS: xattr.listXattrs,
    GETSNAPSHOTDIFF: snapshot.getSnapshotDiff,
    GETSNAPSHOTDIFFLISTING: snapshot.getSnapshotDiffListing,
    GETSNAPSHOTTABLEDIRECTORYLIST: snapshot.getSnapshottableDirectories,
    GETSNAPSHOTLIST: snapshot.getSnapshots,
    GETTRASHROOTS: other.getTrashRoots,
    GETSTATUS: other.getStatus,
    GETLINKTARGET: other.getLinkTarget,
    GETECPOLICY: other.getErasureCodingPolicy,
    GETECPOLICIES: () => valueAnswer('ErasureCodingPolicies', { ErasureCodingPolicy: [] }),
    GETECCODECS: () => valueAnswer('ErasureCodingCodecs', {}),
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
    CREATESYMLINK: other.createSymlink,
    SETQUOTA: other.changeQuota,
    SETQUOTABYSTORAGETYPE: other.changeQuotaByType,
    MODIFYACLENTRIES: acl.changeEntries('MODIFYACLENTRIES', 'modify'),
    REMOVEACLENTRIES: acl.changeEntries('REMOVEACLENTRIES', 'remove'),
    SETACL: acl.changeEntries('SETACL', 'set'),
    REMOVEDEFAULTACL: acl.change('removeDefault'),
    REMOVEACL: acl.change('removeAll'),
    SETXATTR: xattr.setXattrAt,
    REMOVEXATTR: xattr.removeXattrAt,
    ALLOWSNAPSHOT: snapshot.allowSnapshot,
    DISALLOWSNAPSHOT: snapshot.disallowSnapshot,
    CREATESNAPSHOT: snapshot.createSnapshotOf,
    RENAMESNAPSHOT: snapshot.renameSnapshotOf,
    RENEWDELEGATIONTOKEN: other.renewDelegationToken,
    CANCELDELEGATIONTOKEN: other.cancelDelegationToken,
    ENABLEECPOLICY: other.noErasureCoding,
    DISABLEECPOLICY: other.noErasureCoding,
    SETECPOLICY: other.noErasureCoding,
  },
  POST: {
    APPEND: data.append,
    CONCAT: write.concatFrom,
    TRUNCATE: write.truncateTo,
    UNSETSTORAGEPOLICY: write.unsetStoragePolicy,
    UNSETECPOLICY: () => emptyAnswer(),
  },
  DELETE: {
    DELETE: write.removeAt,
    DELETESNAPSHOT: snapshot.deleteSnapshotOf,
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
