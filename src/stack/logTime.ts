/** Airflow 2 and 3, Postgres, gunicorn: with a T or a blank, a dot or a comma, with a zone or in UTC without one. */
const TIME = /^\[?(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,6}))? ?(Z|UTC|[+-]\d\d:?\d\d)?/;

/** When a log line says it was written, milliseconds since the epoch; `undefined` when it does not say. */
export function timeOfLine(text: string): number | undefined {
  const [found, day, clock, fraction = '0', zone = 'Z'] = TIME.exec(text) ?? [];
  if (found === undefined) return undefined;
  const offset = zone === 'UTC' ? 'Z' : zone.replace(/^([+-]\d\d):?(\d\d)$/, '$1:$2');
  const time = Date.parse(`${day}T${clock}.${fraction.padEnd(3, '0').slice(0, 3)}${offset}`);
  return Number.isNaN(time) ? undefined : time;
}
