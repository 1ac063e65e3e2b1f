import { ownValue } from '../platform/ownValue.ts';
import { nearestNames } from '../config/nearestNames.ts';
import type { DevenvError } from '../errors.ts';
import type { MappingNode, RawItem, SeedKind, SeedNode } from './seedItem.ts';
import { sectionKind } from './seedItem.ts';
import { mistake } from './seedProblem.ts';

type Report = (error: DevenvError) => void;

/** Astro's name of each key -> ours; the first is the item's own name. */
const KEYS: Readonly<Record<SeedKind, Readonly<Record<string, string>>>> = {
  variable: { variable_name: 'name', variable_value: 'value', variable_description: 'description' },
  connection: {
    conn_id: 'name',
    conn_uri: 'uri',
    conn_type: 'conn_type',
    conn_host: 'host',
    conn_schema: 'schema',
    conn_login: 'login',
    conn_password: 'password',
    conn_port: 'port',
    conn_extra: 'extra',
    conn_description: 'description',
  },
  pool: { pool_name: 'name', pool_slot: 'slots', pool_description: 'description' },
};

/** What stands under `airflow:` in an `airflow_settings.yaml`. Its template has entries without a name; they are nothing. */
export function astroItems(settings: MappingNode, report: Report): RawItem[] {
  return [...settings.entries].flatMap(([name, { node, place }]) => {
    const kind = sectionKind(name);
    if (kind === undefined) {
      const why = 'Allowed are variables, connections and pools.';
      report(
        mistake(place, { code: 'seed_unknown_key', what: `"${name}" is nothing that a seed has.`, why }),
      );
      return [];
    }
    if (node.kind !== 'list') return [];
    return node.items.flatMap((item) => astroItem(kind, item, report));
  });
}

function astroItem(kind: SeedKind, node: SeedNode, report: Report): RawItem[] {
  if (node.kind !== 'mapping') return [];
  const names = KEYS[kind];
  const fields = new Map<string, SeedNode>();
  for (const [key, { node: value, place }] of node.entries) {
    const name = ownValue(names, key);
    if (name === undefined) {
      const near = nearestNames(key, Object.keys(names));
      report(
        mistake(place, {
          code: 'seed_unknown_key',
          what: `"${key}" means nothing here.`,
          why: `Allowed are ${Object.keys(names).join(', ')}.`,
          next: near.length > 0 ? [`Did you mean ${near.join(' or ')}?`] : [],
        }),
      );
    } else if (value.kind !== 'plain' || value.json !== 'null' || value.isRefused === true) {
      fields.set(name, value);
    }
  }
  const name = fields.get('name');
  fields.delete('name');
  if (name?.kind !== 'text' || name.text === '') return [];
  if (kind === 'variable' && !fields.has('value')) fields.set('value', { ...name, text: '' });
  return [{ kind, name: name.text, place: name.place, fields }];
}
