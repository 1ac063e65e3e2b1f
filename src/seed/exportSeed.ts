import path from 'node:path';
import { Document, isScalar, parseDocument, Scalar, visit } from 'yaml';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import type { RunnerSpec } from '../dagruns/runner.ts';
import { DevenvError } from '../errors.ts';
import { writeFileAtomic } from '../platform/atomicFile.ts';
import { encryptText } from './secrets/age.ts';
import { readIdentities, recipientsOf } from './secrets/ageIdentity.ts';
import { applySeed, type StoredItem } from './applySeed.ts';
import { KnownReferences } from './knownReferences.ts';
import { readSecretFields, written } from './seedMemory.ts';
import { literalText, referenceOf } from './references.ts';
import { checkedRecipients, openSecrets, secretsFile } from './secrets/secretsFile.ts';

export interface ExportReport {
  readonly file: string;
  readonly variables: number;
  readonly connections: number;
  readonly pools: number;
  /** Values that are encrypted, and that are the reference which the seed files have. */
  readonly encrypted: number;
  readonly references: number;
}

/**
 * Writes all variables, connections and pools of the database to a seed file, with mode 0600. A value that the seed
 * files have by reference stays that reference; what Airflow itself would hide is encrypted.
 *
 * @throws DevenvError `seed_database_failed`, `age_identity_missing` when there is something to encrypt and nobody to
 * encrypt it for.
 */
export async function exportSeed(
  context: Context,
  project: Project,
  spec: RunnerSpec,
  file: string,
): Promise<ExportReport> {
  const references = await KnownReferences.of(context, project, path.dirname(file));
  const { rows } = await applySeed(context, project, spec, {
    mode: 'export',
    atomic: false,
    prune: false,
    items: [],
    gone: [],
    secrets: [],
    remembered: { variable: {}, connection: {}, pool: {} },
    secret_fields: written(await readSecretFields(spec.stateDirectory)),
  });
  const exporter = new Exporter(references, () => recipients(context, project));
  await writeFileAtomic(file, await exporter.text(rows), 0o600);
  const count = (kind: StoredItem['kind']): number => rows.filter((row) => row.kind === kind).length;
  return {
    file,
    variables: count('variable'),
    connections: count('connection'),
    pools: count('pool'),
    encrypted: exporter.encrypted,
    references: exporter.references,
  };
}

async function recipients(context: Context, project: Project): Promise<readonly string[]> {
  try {
    return checkedRecipients((await openSecrets(secretsFile(project))).recipients);
  } catch (error) {
    if (!(error instanceof DevenvError) || error.code !== 'secrets_file_missing') throw error;
  }
  try {
    return recipientsOf(await readIdentities(context.env));
  } catch (error) {
    if (!(error instanceof DevenvError) || error.code !== 'age_identity_missing') throw error;
    throw new DevenvError({
      code: error.code,
      what: 'The database has secrets, and there is no age identity to encrypt them for. Nothing was written.',
      ...(error.why === undefined ? {} : { why: error.why }),
      next: ['devenv secrets init makes one for you, and seed/secrets.age.yaml', 'Then export again'],
    });
  }
}

const SECTIONS = { variable: 'variables', connection: 'connections', pool: 'pools' } as const;

class Exporter {
  readonly #document = new Document({});
  readonly #references: KnownReferences;
  readonly #findRecipients: () => Promise<readonly string[]>;
  #recipients: readonly string[] | undefined;
  encrypted = 0;
  references = 0;

  constructor(references: KnownReferences, findRecipients: () => Promise<readonly string[]>) {
    this.#references = references;
    this.#findRecipients = findRecipients;
  }

  async text(rows: readonly StoredItem[]): Promise<string> {
    for (const row of rows) {
      if (row.kind === 'variable') await this.#variable(row);
      else if (row.kind === 'connection') await this.#connection(row);
      else this.#document.setIn(['pools', row.name], this.#document.createNode(row.fields));
    }
    return this.#document.toString({ lineWidth: 0 });
  }

  async #variable(row: StoredItem): Promise<void> {
    const { value, description } = row.fields as { value: string | null; description: string | null };
    if (value === null) return;
    const isSecret = row.secret_fields.includes('value');
    const node = await this.#value(value, { isSecret, isJson: row.is_json === true });
    const keys = ['variables', row.name];
    const looksDescribed = /^\{\s*"(value|description)"/.test(value);
    if (description === null && !looksDescribed) this.#document.setIn(keys, node);
    else this.#document.setIn(keys, this.#document.createNode({ value: node, description }));
  }

  async #connection({ name, fields, secret_fields: secret }: StoredItem): Promise<void> {
    const keys = [SECTIONS.connection, name];
    for (const [field, value] of Object.entries(fields)) {
      if (value === null) continue;
      if (field === 'extra') await this.#extra([...keys, field], value as string, secret);
      else if (typeof value === 'string')
        this.#document.setIn(
          [...keys, field],
          await this.#value(value, { isSecret: secret.includes(field), isJson: false }),
        );
      else this.#document.setIn([...keys, field], value);
    }
  }

  async #extra(keys: readonly string[], text: string, secret: readonly string[]): Promise<void> {
    let extra: Record<string, unknown>;
    try {
      extra = JSON.parse(text) as Record<string, unknown>;
    } catch {
      this.#document.setIn(keys, await this.#value(text, { isSecret: true, isJson: false }));
      return;
    }
    for (const [key, value] of Object.entries(extra)) {
      const isSecret = secret.includes(`extra.${key}`);
      const isJson = typeof value !== 'string';
      const written = isJson ? JSON.stringify(value) : value;
      this.#document.setIn([...keys, key], await this.#value(written, { isSecret, isJson }));
    }
  }

  async #value(text: string, { isSecret, isJson }: { isSecret: boolean; isJson: boolean }): Promise<unknown> {
    const reference = isJson ? undefined : this.#references.find(text);
    if (reference !== undefined) {
      this.references += 1;
      return scalar(reference);
    }
    if (isSecret && text !== '') return this.#encryptedScalar(text, isJson);
    if (!isJson) return scalar(escaped(text));
    return this.#json(text);
  }

  /** Texts inside of a value are references or encrypted, too. */
  #json(text: string): unknown {
    const { contents } = parseDocument(text, { intAsBigInt: true });
    if (contents === null) return null;
    visit(contents, {
      Map: (_key, node) => void (node.flow = false),
      Seq: (_key, node) => void (node.flow = false),
      Scalar: (key, node) => {
        if (key === 'key' || !isScalar(node) || typeof node.value !== 'string') return undefined;
        node.value = this.#references.find(node.value) ?? escaped(node.value);
        node.type = String(node.value).includes('\n') ? 'BLOCK_LITERAL' : 'PLAIN';
        return undefined;
      },
    });
    return contents;
  }

  async #encryptedScalar(text: string, isJson: boolean): Promise<Scalar> {
    this.#recipients ??= await this.#announced();
    this.encrypted += 1;
    const node = scalar(await encryptText(text, this.#recipients));
    if (isJson) node.tag = '!json';
    return node;
  }

  async #announced(): Promise<readonly string[]> {
    const found = await this.#findRecipients();
    this.#document.set('recipients', this.#document.createNode([...found]));
    return found;
  }
}

function scalar(text: string): Scalar {
  const node = new Scalar(text);
  if (text.includes('\n')) node.type = 'BLOCK_LITERAL';
  return node;
}

/** What a seed would take for a reference. */
function escaped(text: string): string {
  const isTaken = text.includes('${') || referenceOf(text) !== undefined || literalText(text) !== undefined;
  return isTaken ? `literal:${text}` : text;
}
