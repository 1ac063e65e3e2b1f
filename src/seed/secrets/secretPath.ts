import { DevenvError } from '../../errors.ts';
import type { SecretPath } from './secretsDocument.ts';

const FIELDS = ['password', 'login', 'uri', 'host', 'schema', 'port', 'conn_type', 'description'];
/** Fields of a connection that nobody needs to hide. */
export const PLAIN_FIELDS: ReadonlySet<string> = new Set([
  'conn_type',
  'description',
  'host',
  'port',
  'schema',
]);

/**
 * `variables.NAME`, or only `NAME`; `connections.ID.FIELD`; `connections.ID.extra.KEY`. Names may have dots.
 *
 * @throws DevenvError `secret_name_invalid` (misuse).
 */
export function parseSecretPath(name: string): SecretPath {
  const [section = '', ...rest] = name.split('.');
  if (section !== 'connections') {
    const variable = section === 'variables' ? rest.join('.') : name;
    if (variable !== '') return ['variables', variable];
    throw invalid(name);
  }
  const extra = rest.indexOf('extra');
  if (extra > 0 && extra < rest.length - 1) {
    return ['connections', rest.slice(0, extra).join('.'), 'extra', rest.slice(extra + 1).join('.')];
  }
  const field = rest.at(-1) ?? '';
  if (rest.length < 2 || !FIELDS.includes(field)) throw invalid(name);
  return ['connections', rest.slice(0, -1).join('.'), field];
}

function invalid(name: string): DevenvError {
  return new DevenvError({
    code: 'secret_name_invalid',
    what: `"${name}" names no secret.`,
    next: [
      'A variable: variables.NAME, or only NAME',
      `A part of a connection: connections.ID.password (or ${FIELDS.slice(1, 5).join(', ')}), connections.ID.extra.KEY`,
    ],
    misuse: true,
  });
}
