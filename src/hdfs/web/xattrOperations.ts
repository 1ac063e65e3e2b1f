import { RemoteException } from '../store/remoteException.ts';
import { getXattrs, removeXattr, setXattr } from '../store/xattrs.ts';
import { type Answer, emptyAnswer, jsonAnswer, valueAnswer } from './answer.ts';
import type { WebRequest } from './webRequest.ts';

const FLAGS = ['CREATE', 'REPLACE'];
const ENCODINGS = ['TEXT', 'HEX', 'BASE64'];

export function setXattrAt({ store, caller, path, parameters }: WebRequest): Answer {
  const flags = parameters.set('flag', 'org.apache.hadoop.fs.XAttrSetFlag', FLAGS);
  const name = parameters.required('xattr.name', 'SETXATTR');
  parameters.required('flag', 'SETXATTR');
  const value = decodeValue(parameters.text('xattr.value') ?? '');
  setXattr(store, caller, path, name, value, {
    create: flags.includes('CREATE'),
    replace: flags.includes('REPLACE'),
  });
  return emptyAnswer();
}

export function removeXattrAt({ store, caller, path, parameters }: WebRequest): Answer {
  removeXattr(store, caller, path, parameters.required('xattr.name', 'REMOVEXATTR'));
  return emptyAnswer();
}

export function getXattrsAt({ store, caller, path, parameters }: WebRequest): Answer {
  const [encoding = 'TEXT'] = parameters.set('encoding', 'org.apache.hadoop.fs.XAttrCodec', ENCODINGS);
  parameters.required('encoding', 'GETXATTRS');
  const found = getXattrs(store, caller, path, parameters.all('xattr.name'));
  const xattrs = found.map(([name, value]) => ({
    name,
    value: value.length === 0 ? null : encodeValue(value, encoding),
  }));
  return valueAnswer('XAttrs', xattrs);
}

/** The names are JSON in JSON: HDFS' clients read it twice. */
export function listXattrs({ store, caller, path }: WebRequest): Answer {
  const names = getXattrs(store, caller, path, []).map(([name]) => name);
  return jsonAnswer(JSON.stringify({ XAttrNames: JSON.stringify(names) }));
}

/** `"text"`, `0x68` and `0saGFi` are as in getfattr; anything else is text. */
function decodeValue(text: string): Buffer {
  const start = text.slice(0, 2).toLowerCase();
  if (text.length >= 2 && text.startsWith('"') && text.endsWith('"')) return Buffer.from(text.slice(1, -1));
  if (start === '0x') {
    const digits = text.slice(2);
    if (digits.length % 2 === 0 && /^[0-9a-f]*$/i.test(digits)) return Buffer.from(digits, 'hex');
    const at = digits.search(/[^0-9a-f]/i);
    const why =
      at === -1 ? 'Odd number of characters.' : `Illegal hexadecimal character ${digits[at]} at index ${at}`;
    throw new RemoteException('IOException', `org.apache.commons.codec.DecoderException: ${why}`);
  }
  if (start === '0s') return Buffer.from(text.slice(2), 'base64');
  return Buffer.from(text);
}

function encodeValue(value: Buffer, encoding: string): string {
  if (encoding === 'HEX') return `0x${value.toString('hex')}`;
  if (encoding === 'BASE64') return `0s${value.toString('base64')}`;
  return `"${value.toString('utf8')}"`;
}
