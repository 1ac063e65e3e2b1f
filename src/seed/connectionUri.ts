import { DevenvError, type SourceLocation } from '../errors.ts';
import { mistake } from './seedProblem.ts';

/**
 * Looks for what Airflow would not take apart as it is meant. Nothing of the text is quoted: a password may stand
 * anywhere in it.
 *
 * @throws DevenvError `seed_wrong_value` (misuse) that says what to write.
 */
export function checkUri(text: string, place: SourceLocation): void {
  const match = /^[A-Za-z][A-Za-z0-9+._-]*:\/\/([^/?#]*)(.*)$/s.exec(text);
  if (match === null) throw notUri(place, text);
  const [, authority = '', rest = ''] = match;
  const hosts = authority.slice(authority.lastIndexOf('@') + 1);
  const port = /^(?:\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(hosts)?.[1];
  if (port === undefined || port === '' || (/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) return;
  if (hosts.includes(',')) throw severalHosts(place);
  if (rest.includes('@')) throw notEncoded(place);
  throw mistake(place, {
    code: 'seed_wrong_value',
    what: 'The port in this URI is not a number from 1 to 65535.',
    next: [ENCODE, 'Or write conn_type, host, port, … each for itself'],
  });
}

const ENCODE = 'In a login or password write / as %2F, @ as %40, : as %3A, # as %23 and ? as %3F';

function notEncoded(place: SourceLocation): DevenvError {
  return mistake(place, {
    code: 'seed_wrong_value',
    what: 'In this URI the host ends before the last @.',
    why: 'A login or password with / or ? or # in it must be encoded.',
    next: [ENCODE, 'Or write conn_type, login, password, … each for itself'],
  });
}

function severalHosts(place: SourceLocation): DevenvError {
  return mistake(place, {
    code: 'seed_wrong_value',
    what: 'This URI has several hosts, and Airflow takes one.',
    next: ["Write a mapping instead: {conn_type: …, host: 'h1:27017,h2:27018', login: …, password: …}"],
  });
}

function notUri(place: SourceLocation, text: string): DevenvError {
  const isJson = text.trimStart().startsWith('{');
  return mistake(place, {
    code: 'seed_wrong_value',
    what: 'This is not a URI of a connection.',
    why: 'It must begin with a type and ://, as postgres://user:password@host:5432/database.',
    next: [
      isJson
        ? 'Write the mapping itself instead of its JSON text'
        : 'Or write conn_type, host, login, … each for itself',
    ],
  });
}
