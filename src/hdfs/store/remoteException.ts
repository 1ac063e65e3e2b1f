/**
 * A refusal as Hadoop's clients expect it: they tell errors apart by the Java class. It travels as the body of an
 * answer and is no error of devenv's own, therefore no DevenvError.
 */
export class RemoteException extends Error {
  override readonly name = 'RemoteException';
  readonly javaClass: JavaClass;

  constructor(javaClass: JavaClass, message: string) {
    super(message);
    this.javaClass = javaClass;
  }
}

const HADOOP = 'org.apache.hadoop';

/** Simple name of each exception that is thrown here -> its full name. */
export const JAVA_CLASSES = {
  AccessControlException: `${HADOOP}.security.AccessControlException`,
  AclException: `${HADOOP}.hdfs.protocol.AclException`,
  AlreadyBeingCreatedException: `${HADOOP}.hdfs.protocol.AlreadyBeingCreatedException`,
  AuthorizationException: `${HADOOP}.security.authorize.AuthorizationException`,
  DSQuotaExceededException: `${HADOOP}.hdfs.protocol.DSQuotaExceededException`,
  EOFException: 'java.io.EOFException',
  FileAlreadyExistsException: `${HADOOP}.fs.FileAlreadyExistsException`,
  FileNotFoundException: 'java.io.FileNotFoundException',
  HadoopIllegalArgumentException: `${HADOOP}.HadoopIllegalArgumentException`,
  IOException: 'java.io.IOException',
  IllegalArgumentException: 'java.lang.IllegalArgumentException',
  InvalidToken: `${HADOOP}.security.token.SecretManager$InvalidToken`,
  InvalidPathException: `${HADOOP}.fs.InvalidPathException`,
  LeaseExpiredException: `${HADOOP}.hdfs.server.namenode.LeaseExpiredException`,
  NSQuotaExceededException: `${HADOOP}.hdfs.protocol.NSQuotaExceededException`,
  NestedSnapshotException: `${HADOOP}.hdfs.protocol.SnapshotException`,
  ParentNotDirectoryException: `${HADOOP}.fs.ParentNotDirectoryException`,
  PathComponentTooLongException: `${HADOOP}.hdfs.protocol.FSLimitException$PathComponentTooLongException`,
  PathIsNotDirectoryException: `${HADOOP}.fs.PathIsNotDirectoryException`,
  PathIsNotEmptyDirectoryException: `${HADOOP}.fs.PathIsNotEmptyDirectoryException`,
  /** What a datanode makes of exceptions that it does not know. */
  RpcRemoteException: `${HADOOP}.ipc.RemoteException`,
  RuntimeException: 'java.lang.RuntimeException',
  SecurityException: 'java.lang.SecurityException',
  SnapshotAccessControlException: `${HADOOP}.hdfs.protocol.SnapshotAccessControlException`,
  SnapshotException: `${HADOOP}.hdfs.protocol.SnapshotException`,
  UnsupportedOperationException: 'java.lang.UnsupportedOperationException',
  XAttrNotFoundException: `${HADOOP}.hdfs.protocol.XAttrNotFoundException`,
} as const;

export type JavaClass = keyof typeof JAVA_CLASSES;
