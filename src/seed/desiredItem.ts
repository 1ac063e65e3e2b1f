import { DevenvError, type SourceLocation } from '../errors.ts';
import { hasSecret, nodeJson } from './nodeJson.ts';
import type {
  ConnectionFields,
  DesiredConnection,
  DesiredItem,
  DesiredPool,
  DesiredVariable,
  RawItem,
  SeedNode,
} from './seedItem.ts';
import { checkUri } from './connectionUri.ts';
import { mistake, type SeedProblem } from './seedProblem.ts';
import { hasSensitiveName } from './sensitiveNames.ts';

/** Resolved items as they are to be in the database; what can't be, with the reason. */
export function desiredItems(items: readonly RawItem[]): {
  readonly desired: readonly DesiredItem[];
  readonly problems: readonly SeedProblem[];
} {
  const problems: SeedProblem[] = [];
  const desired = items.flatMap((item) => {
    try {
      return [READERS[item.kind](item)];
    } catch (error) {
      if (!(error instanceof DevenvError)) throw error;
      problems.push({ item, error });
      return [];
    }
  });
  return { desired, problems };
}

const READERS = { variable, connection, pool };

/** Airflow's own limits of names. */
const LONGEST_NAME = 250;
const CONNECTION_ID = /^[\w#!()\-.:/\\]+$/;

function variable({ name, place, fields }: RawItem): DesiredVariable {
  checkName(name, place, 'variable');
  const node = fields.get('value');
  if (node === undefined) throw wrong(place, `The variable "${name}" has no value.`);
  const isMarked = plainValue(fields.get('secret')) === 'true';
  return {
    kind: 'variable',
    name,
    place,
    value: node.kind === 'text' ? { text: storable(node.text, node.place) } : { json: nodeJson(node) },
    description: textOrNull(fields.get('description')),
    isSecret: isMarked || hasSecret(node) || hasSensitiveName(name),
  };
}

function connection({ name, place, fields }: RawItem): DesiredConnection {
  checkName(name, place, 'connection');
  if (!CONNECTION_ID.test(name)) {
    throw mistake(place, {
      code: 'seed_name_invalid',
      what: `Airflow can't have a connection "${name}".`,
      why: 'Its id may have letters, digits and _ - . : / \\ # ! ( ) only.',
      next: ['Rename it, here and in the DAGs'],
    });
  }
  const uri = fields.get('uri');
  if (uri !== undefined && uri.kind !== 'text') throw wrong(uri.place, 'A uri must be text.');
  const { values, secretFields } = connectionFields(fields);
  if (uri === undefined && !values.conn_type) {
    throw mistake(place, {
      code: 'seed_missing_key',
      what: `The connection "${name}" has no conn_type.`,
      next: ['Add conn_type: postgres, http, aws, … or generic', 'Or give it a uri'],
    });
  }
  if (uri !== undefined) checkUri(uri.text, uri.place);
  return {
    kind: 'connection',
    name,
    place,
    uri: uri?.text,
    fields: values,
    secretFields: uri?.isSecret === true ? [...secretFields, 'uri'] : secretFields,
  };
}

const TEXT_FIELDS = ['conn_type', 'description', 'host', 'login', 'password', 'schema'] as const;

function connectionFields(fields: ReadonlyMap<string, SeedNode>): {
  values: ConnectionFields;
  secretFields: string[];
} {
  const values: Record<string, string | number | null> = {};
  for (const name of TEXT_FIELDS) {
    const node = fields.get(name);
    if (node !== undefined) values[name] = textOrNull(node);
  }
  const port = fields.get('port');
  if (port !== undefined) values['port'] = portNumber(port);
  const extra = fields.get('extra');
  if (extra !== undefined) values['extra'] = extraJson(extra);
  const secretFields = [...fields].filter(([, node]) => hasSecret(node)).flatMap(namesOfSecrets);
  return { values, secretFields };
}

/** Of a mapping of `extra`, only its keys that have one. */
function namesOfSecrets([name, node]: readonly [string, SeedNode]): string[] {
  if (name !== 'extra' || node.kind !== 'mapping') return [name];
  return [...node.entries].filter(([, entry]) => hasSecret(entry.node)).map(([key]) => `extra.${key}`);
}

function pool({ name, place, fields }: RawItem): DesiredPool {
  checkName(name, place, 'pool');
  const slots = fields.get('slots');
  if (slots === undefined) {
    throw mistake(place, { code: 'seed_missing_key', what: `The pool "${name}" has no slots.` });
  }
  const text = plainValue(slots);
  if (!/^(-1|\d{1,9})$/.test(text)) {
    throw wrong(slots.place, 'Slots must be a whole number, or -1 for a pool without a limit.');
  }
  const deferred = fields.get('include_deferred');
  const isDeferred = deferred === undefined ? 'false' : plainValue(deferred).toLowerCase();
  if (deferred !== undefined && isDeferred !== 'true' && isDeferred !== 'false') {
    throw wrong(deferred.place, 'include_deferred must be true or false.');
  }
  return {
    kind: 'pool',
    name,
    place,
    slots: Number(text),
    description: textOrNull(fields.get('description')) ?? '',
    include_deferred: isDeferred === 'true',
  };
}

function checkName(name: string, place: SourceLocation, kind: string): void {
  const limit = kind === 'pool' ? 256 : LONGEST_NAME;
  if (name.trim() !== '' && name.length <= limit && !name.includes('\0')) return;
  throw mistake(place, {
    code: 'seed_name_invalid',
    what: name.trim() === '' ? `A ${kind} needs a name.` : `The name of this ${kind} is not possible.`,
    why: `It may have 1 to ${limit} characters.`,
  });
}

/** Null is no text; numbers and truth values are the text that the file has. */
function textOrNull(node: SeedNode | undefined): string | null {
  if (node === undefined || (node.kind === 'plain' && node.json === 'null')) return null;
  if (node.kind === 'text') return storable(node.text, node.place);
  if (node.kind === 'plain') return node.json;
  throw wrong(node.place, 'This must be text.');
}

/** Nothing gives an empty text. */
function plainValue(node: SeedNode | undefined): string {
  if (node === undefined) return '';
  if (node.kind === 'text') return node.text.trim();
  if (node.kind === 'plain') return node.json;
  throw wrong(node.place, 'This must be neither a list nor a mapping.');
}

function portNumber(node: SeedNode): number | null {
  const text = plainValue(node);
  if (text === 'null' || text === '') return null;
  if (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535) return Number(text);
  throw wrong(node.place, 'A port must be a whole number from 1 to 65535.');
}

function extraJson(node: SeedNode): string | null {
  if (node.kind === 'mapping') return nodeJson(node);
  if (node.kind === 'list') throw wrong(node.place, 'extra must be a mapping, not a list.');
  const text = plainValue(node);
  if (text === 'null' || text === '') return null;
  if (node.kind === 'text' && isObject(text)) return text;
  throw wrong(node.place, 'extra must be a mapping, or the JSON text of one.');
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** Postgres has no room for it in a text. */
function storable(text: string, place: SourceLocation): string {
  if (!text.includes('\0') && text.isWellFormed()) return text;
  throw wrong(
    place,
    'The database can’t hold this text: it has a NUL character or half of a surrogate pair.',
  );
}

function wrong(place: SourceLocation, what: string): DevenvError {
  return mistake(place, { code: 'seed_wrong_value', what });
}
