import { Document, isMap, isScalar, isSeq, LineCounter, parseDocument, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { SourceLocation } from '../../errors.ts';
import { isEncrypted } from './age.ts';
import { mistake } from '../seedProblem.ts';

/** `variables.NAME`, `connections.ID.password`, `connections.ID.extra.KEY` */
export type SecretPath = readonly string[];

export interface SecretLeaf {
  readonly path: SecretPath;
  /** Armored where it is encrypted. */
  readonly text: string;
  readonly isEncrypted: boolean;
  /** What is meant is the JSON in the text. */
  readonly isJson: boolean;
  readonly place: SourceLocation;
}

const HEAD = ` Secrets of airflow-devenv, each encrypted with age for the recipients below.
 devenv secrets set NAME | get NAME | rm NAME | edit | list | rekey`;

/** The file of secrets. Comments and the order of keys stay as they are. */
export class SecretsDocument {
  readonly #document: Document;
  readonly #file: string;
  readonly #lines: LineCounter;

  /** @throws DevenvError `seed_syntax` (misuse). */
  constructor(file: string, text: string) {
    this.#file = file;
    this.#lines = new LineCounter();
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    const [error] = this.#document.errors;
    if (error !== undefined) {
      throw mistake(this.#place(error.pos[0]), {
        code: 'seed_syntax',
        what: `The file is not valid YAML: ${error.message.replace(/: ".*/s, '').replace(/[.\s]+$/, '')}.`,
        next: ['Correct it by hand, or take it from Git again'],
      });
    }
  }

  static create(file: string, recipients: readonly string[]): SecretsDocument {
    const created = new SecretsDocument(file, '');
    created.#document.contents = created.#document.createNode({});
    created.#document.commentBefore = HEAD;
    created.setRecipients(recipients);
    return created;
  }

  get recipients(): string[] {
    const found: unknown = this.#document.toJS();
    const listed = (found as { recipients?: unknown } | null)?.recipients;
    return Array.isArray(listed) ? listed.map(String) : [];
  }

  setRecipients(recipients: readonly string[]): void {
    const list = new YAMLSeq();
    list.items = recipients.map((each) => new Scalar(each));
    this.#document.set('recipients', list);
  }

  leaves(): SecretLeaf[] {
    const { contents } = this.#document;
    if (!isMap(contents)) return [];
    return contents.items.flatMap((pair) => {
      const name = keyText(pair.key);
      return name === 'variables' || name === 'connections' ? this.#leavesOf(pair.value, [name]) : [];
    });
  }

  #leavesOf(node: unknown, path: SecretPath): SecretLeaf[] {
    const deepest = path[0] === 'variables' ? 2 : 4;
    if (isMap(node) && path.length < deepest) {
      return node.items.flatMap((pair) => this.#leavesOf(pair.value, [...path, keyText(pair.key)]));
    }
    if (isMap(node) || isSeq(node)) {
      const text = JSON.stringify(node.toJS(this.#document));
      return [{ path, text, isEncrypted: false, isJson: true, place: this.#place(node.range?.[0] ?? 0) }];
    }
    if (!isScalar(node)) return [];
    const text = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
    const isText = typeof node.value === 'string';
    return [
      {
        path,
        text,
        isEncrypted: isEncrypted(text),
        isJson: node.tag === '!json' || !isText,
        place: this.#place(node.range?.[0] ?? 0),
      },
    ];
  }

  has(path: SecretPath): boolean {
    return this.#document.hasIn(path);
  }

  set(path: SecretPath, leaf: Pick<SecretLeaf, 'text' | 'isJson' | 'isEncrypted'>): void {
    const scalar = new Scalar(leaf.text);
    if (leaf.text.includes('\n')) scalar.type = 'BLOCK_LITERAL';
    if (leaf.isJson && leaf.isEncrypted) scalar.tag = '!json';
    const plain: unknown = leaf.isJson && !leaf.isEncrypted ? JSON.parse(leaf.text) : scalar;
    this.#ensureMaps(path.slice(0, -1));
    this.#document.setIn(path, plain);
  }

  /** A key that is there without a value would be in the way. */
  #ensureMaps(path: SecretPath): void {
    for (let length = 1; length <= path.length; length += 1) {
      const part = path.slice(0, length);
      if (!isMap(this.#document.getIn(part, true))) this.#document.setIn(part, new YAMLMap());
    }
  }

  /** With what is empty without it. */
  delete(path: SecretPath): void {
    this.#document.deleteIn(path);
    for (let length = path.length - 1; length > 0; length -= 1) {
      const part = path.slice(0, length);
      const node = this.#document.getIn(part, true);
      if (isMap(node) && node.items.length === 0) this.#document.deleteIn(part);
    }
  }

  toString(): string {
    return this.#document.toString({ lineWidth: 0 });
  }

  #place(offset: number): SourceLocation {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#file, line: Math.max(line, 1), column: Math.max(col, 1) };
  }
}

/** Keys that were set here are bare texts. */
function keyText(key: unknown): string {
  if (typeof key === 'string') return key;
  if (!isScalar(key)) return '';
  return typeof key.value === 'string' ? key.value : (key.source ?? '');
}
