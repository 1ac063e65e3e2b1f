/**
 * Where our answers differ from those of Hadoop 3.4.1, and why: a part of the request -> the reason. The test fails
 * for each that is no difference any more.
 */
export const KNOWN_DIFFERENCES: Readonly<Record<string, string>> = {
  'CREATESYMLINK&destination=/q':
    'Links are switched off in a real cluster (“Symlinks not supported”), and on in the test cluster.',
  'op=GETSERVERDEFAULTS':
    'The test cluster has one datanode and so a replication of 1; ours is 3, as in production.',
  '/snap/d/.snapshot?op=LISTSTATUS':
    'Real HDFS shows for a snapshot how many children the directory has now; ours, how many it had.',
  'op=GETSNAPSHOTLIST&user.name=root': 'The same.',
  '/quota/d?op=GETQUOTAUSAGE':
    'After a refused append, real HDFS counts the use by storage type wrongly until its next check.',
};
