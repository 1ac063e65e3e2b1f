import type { Cluster } from './clusterPlace.ts';
import { POSTGRES_PORT } from './describeDatabase.ts';

/**
 * The server's settings as words of its command line, so that those of an older release never stay behind in
 * a data folder.
 */
export function serverSettings(cluster: Cluster, clusterName: string): string[] {
  const settings = {
    ...SETTINGS,
    ...cluster.settings,
    unix_socket_directories: quoted(cluster.socketDirectory),
    cluster_name: clusterName,
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

const SETTINGS = {
  // Only the Unix socket, and that in a folder nobody else may enter.
  listen_addresses: '',
  unix_socket_permissions: '0700',
  port: String(POSTGRES_PORT),
  // A task of Airflow 2 keeps one while it runs.
  max_connections: '200',
  shared_buffers: '64MB',
  // A killed server loses nothing without fsync, because the kernel has the pages; only a power cut would.
  // The other two stay on: without synchronous_commit a kill loses the last commits, and without
  // full_page_writes a kill in the middle of a page's write leaves half a page.
  fsync: 'off',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  wal_level: 'minimal',
  max_wal_senders: '0',
  min_wal_size: '4MB',
  max_wal_size: '128MB',
  jit: 'off',
  // A client that was killed holds its locks no longer than this.
  client_connection_check_interval: '2s',
  idle_in_transaction_session_timeout: '10min',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  // Statements, and the details of errors, hold values: variables and connections among them.
  log_statement: 'none',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};

/** The setting is a list; in quotes a comma or a space in the path is part of the path. */
function quoted(directory: string): string {
  return `"${directory.replaceAll('"', '""')}"`;
}
