import type { WebHdfsAnswer, WebHdfsRequest } from './webHdfsRequest.ts';

/** What two servers must agree on of an answer. Times, addresses and ids are of one server only. */
export function normalizeAnswer(request: WebHdfsRequest, answer: WebHdfsAnswer): string {
  const type = (answer.headers['content-type'] ?? '').split(';')[0];
  const body = answer.body.toString('utf8');
  if (type !== 'application/json') return `${answer.status} ${answer.redirected ? 'redirected ' : ''}${body}`;
  let value: unknown;
  try {
    value = JSON.parse(body, keepTimes(request) ? withTimes : reviver);
  } catch {
    return `${answer.status} not JSON: ${body}`;
  }
  return `${answer.status} ${answer.redirected ? 'redirected ' : ''}${JSON.stringify(sorted(value), null, 1)}`;
}

function keepTimes(request: WebHdfsRequest): boolean {
  return request.query.includes('keep=times');
}

const OWN = new Set([
  'accessTime',
  'modificationTime',
  'fileId',
  'dirId',
  'snapshotID',
  'blockId',
  'blockPoolId',
  'generationStamp',
  'lastUpdate',
  'lastUpdateMonotonic',
  'lastBlockReportTime',
  'lastBlockReportMonotonic',
  'storageID',
  'xceiverCount',
  'capacity',
  'dfsUsed',
  'remaining',
  'blockPoolUsed',
  'infoPort',
  'ipcPort',
  'xferPort',
  'hostName',
  'name',
  'cacheCapacity',
]);

function withTimes(this: Record<string, unknown>, key: string, value: unknown): unknown {
  return key.endsWith('Time') ? value : reviver.call(this, key, value);
}

function reviver(this: Record<string, unknown>, key: string, value: unknown): unknown {
  if (key === 'name' && typeof value === 'string' && !value.includes(':')) return value;
  if (OWN.has(key)) return typeof value;
  if ((key === 'names' || key === 'topologyPaths' || key === 'hosts') && Array.isArray(value))
    return value.length;
  if (key === 'message' && typeof value === 'string') return normalizeMessage(value);
  return value;
}

/** Client ids and, in Java's messages that come out of a stack of calls, the stack. */
function normalizeMessage(message: string): string {
  return message
    .split('\n\tat ')[0]!
    .trimEnd()
    .replaceAll(/DFSClient_\w+-?\w*/g, 'CLIENT')
    .replaceAll(/\(inode \d+\)/g, '(inode N)')
    .replaceAll(/\bfileId=\d+/g, 'fileId=N');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}
