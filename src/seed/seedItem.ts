import type { SourceLocation } from '../errors.ts';
import { ownValue } from '../platform/ownValue.ts';

export type SeedKind = 'variable' | 'connection' | 'pool';

/** The section of a seed file for each kind. */
export const SECTIONS = { variables: 'variable', connections: 'connection', pools: 'pool' } as const;

/** Undefined for every other name, those of Object's own properties too. */
export function sectionKind(name: string): SeedKind | undefined {
  return ownValue<SeedKind>(SECTIONS, name);
}

/** One variable, connection or pool as a file has it, nothing in it resolved yet. */
export interface RawItem {
  readonly kind: SeedKind;
  readonly name: string;
  /** Where its name stands. */
  readonly place: SourceLocation;
  /** `value` and `description` of a variable; `uri` or the columns of a connection; `slots` … of a pool. */
  readonly fields: ReadonlyMap<string, SeedNode>;
}

/** A value in a seed file, which still knows where it stands. */
export type SeedNode = TextNode | PlainNode | ListNode | MappingNode;

export interface TextNode {
  readonly kind: 'text';
  readonly text: string;
  readonly place: SourceLocation;
  /** Nothing in it is a reference: it is resolved already, or the file says so. */
  readonly isLiteral: boolean;
  /** Whether what it holds must never be shown. */
  readonly isSecret: boolean;
  /** The text is JSON for the value that is meant. */
  readonly isJson?: boolean;
}

/** Null, a truth value or a number. */
export interface PlainNode {
  readonly kind: 'plain';
  /** Numbers as the file spells them: `1.0` stays a float, a large integer exact. */
  readonly json: string;
  readonly place: SourceLocation;
  /** What the file has here can't be taken, and was reported: the item that it is in must not be stored. */
  readonly isRefused?: true;
}

export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly SeedNode[];
  readonly place: SourceLocation;
}

export interface MappingNode {
  readonly kind: 'mapping';
  readonly entries: ReadonlyMap<string, MappingEntry>;
  readonly place: SourceLocation;
  /** As of `PlainNode`: a key of it was left out. */
  readonly isRefused?: true;
}

export interface MappingEntry {
  /** Of the key. */
  readonly place: SourceLocation;
  readonly node: SeedNode;
}

/** One item as it is to be in the database. The Python side reads it: `airflow_devenv/seed_request.py`. */
export type DesiredItem = DesiredVariable | DesiredConnection | DesiredPool;

interface DesiredBase {
  readonly name: string;
  readonly place: SourceLocation;
}

export interface DesiredVariable extends DesiredBase {
  readonly kind: 'variable';
  /** A text is stored as it is; anything else as JSON, the way Airflow's own import does. */
  readonly value: { readonly text: string } | { readonly json: string };
  readonly description: string | null;
  readonly isSecret: boolean;
}

export interface DesiredConnection extends DesiredBase {
  readonly kind: 'connection';
  /** Airflow's own spelling; `fields` are set after it has been taken apart. */
  readonly uri: string | undefined;
  readonly fields: ConnectionFields;
  /** Names of fields that must never be shown, beside the password; `extra.key` for one in the extra. */
  readonly secretFields: readonly string[];
}

export interface ConnectionFields {
  readonly conn_type?: string | null;
  readonly description?: string | null;
  readonly host?: string | null;
  readonly login?: string | null;
  readonly password?: string | null;
  readonly schema?: string | null;
  readonly port?: number | null;
  /** JSON text of a mapping. */
  readonly extra?: string | null;
}

export interface DesiredPool extends DesiredBase {
  readonly kind: 'pool';
  readonly slots: number;
  readonly description: string;
  readonly include_deferred: boolean;
}
