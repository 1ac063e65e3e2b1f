import type { SecretTool } from './references.ts';

/** What to run to have a secret printed. The secret itself is never among the words. */
export interface ToolCall {
  readonly words: readonly [string, ...string[]];
  /** Takes the value out of what was printed; undefined when it is not there. */
  readonly read: (output: string) => string | undefined;
}

/** @returns a sentence when the target can't be understood. */
export function toolCall(tool: SecretTool, target: string): ToolCall | string {
  return TOOLS[tool](target);
}

const TOOLS: Readonly<Record<SecretTool, (target: string) => ToolCall | string>> = {
  op: (target) => ({ words: ['op', 'read', '--no-newline', target], read: whole }),
  vault: (target) => {
    const [secret, field] = split(target, '#');
    if (field === undefined) return 'Name the field after a #: vault:secret/data/app#password.';
    return { words: ['vault', 'kv', 'get', `-field=${field}`, secret], read: whole };
  },
  // By the tool's own convention the password is the first line.
  pass: (target) => ({ words: ['pass', 'show', target], read: (output) => output.split('\n')[0] }),
  gcloud: (target) => {
    const access = ['gcloud', 'secrets', 'versions', 'access'] as const;
    if (target.startsWith('projects/')) return { words: [...access, target], read: whole };
    const [name, version = 'latest'] = split(target, '@');
    return { words: [...access, version, `--secret=${name}`], read: whole };
  },
  aws: (target) => {
    const [name, key] = split(target, '#');
    const words = [
      'aws',
      'secretsmanager',
      'get-secret-value',
      '--secret-id',
      name,
      '--query',
      'SecretString',
      '--output',
      'text',
    ] as const;
    return { words, read: key === undefined ? whole : (output) => jsonField(output, key) };
  },
  sops: (target) => {
    const [file, path] = split(target, '#');
    const extract =
      path === undefined
        ? []
        : [
            '--extract',
            path
              .split('.')
              .map((each) => `[${index(each)}]`)
              .join(''),
          ];
    return { words: ['sops', '--decrypt', ...extract, file], read: whole };
  },
};

function whole(output: string): string {
  return output;
}

function split(target: string, mark: string): [string, string | undefined] {
  const at = target.lastIndexOf(mark);
  return at < 0 ? [target, undefined] : [target.slice(0, at), target.slice(at + 1)];
}

function index(step: string): string {
  return /^\d+$/.test(step) ? step : JSON.stringify(step);
}

function jsonField(output: string, key: string): string | undefined {
  try {
    const value = (JSON.parse(output) as Record<string, unknown>)[key];
    return value === undefined ? undefined : typeof value === 'string' ? value : JSON.stringify(value);
  } catch {
    return undefined;
  }
}
