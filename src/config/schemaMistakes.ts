import type * as z from 'zod';
import type { Mistake } from './mistake.ts';
import { nearestNames } from './nearestNames.ts';
import { allowedKeys } from './schemaKeys.ts';
import type { KeyPath, Place, YamlFile } from './yamlFile.ts';

type Issue = z.core.$ZodIssue;

/** Keys that people write because other tools, or plans of this one, have them: they would have no effect. */
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  runtime: 'Services are processes of this machine; there is no other runtime.',
  image: 'Services are processes of this machine, not containers; airflow.version names the release.',
};

/** Says in a person's words, with the place in the file, what the schema has against it. */
export function schemaMistakes(schema: z.core.$ZodType, issues: readonly Issue[], file: YamlFile): Mistake[] {
  return issues.flatMap((issue) => describeIssue(schema, issue, issue.path, file));
}

function describeIssue(schema: z.core.$ZodType, issue: Issue, keyPath: KeyPath, file: YamlFile): Mistake[] {
  const name = pathName(keyPath);
  const value = valueAt(file.value, keyPath);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, allowedKeys(schema, keyPath), keyPath, file));
    case 'invalid_union':
      return describeUnion(schema, issue, keyPath, file);
    case 'invalid_type':
      return [
        value === undefined
          ? missingKey(keyPath, file)
          : wrongType(name, value, [issue.expected], file.locate(keyPath)),
      ];
    case 'invalid_value':
      return [wrongChoice(name, value, issue.values.map(String), file.locate(keyPath))];
    case 'invalid_key':
      return [wrongKey(keyPath, issue.issues[0]?.message, file)];
    default:
      return [
        {
          code: 'config_wrong_value',
          found: `${name} can't be ${Array.isArray(value) ? 'an empty list' : JSON.stringify(value)}.`,
          allowed: `It must be ${issue.message}.`,
          ...file.locate(keyPath),
        },
      ];
  }
}

/** Of the forms that a value may have, the one it was meant in; when none is near, all forms are named. */
function describeUnion(
  schema: z.core.$ZodType,
  issue: Extract<Issue, { code: 'invalid_union' }>,
  keyPath: KeyPath,
  file: YamlFile,
): Mistake[] {
  const meant = issue.errors.find(
    (issues) => !issues.some((each) => each.code === 'invalid_type' && each.path.length === 0),
  );
  if (meant !== undefined) {
    return meant.flatMap((each) => describeIssue(schema, each, [...keyPath, ...each.path], file));
  }
  const expected = issue.errors.flatMap(([first]) =>
    first?.code === 'invalid_type' ? [first.expected] : [],
  );
  return [wrongType(pathName(keyPath), valueAt(file.value, keyPath), expected, file.locate(keyPath))];
}

function unknownKey(key: string, allowed: readonly string[], keyPath: KeyPath, file: YamlFile): Mistake {
  const where = keyPath.length === 0 ? 'at the top level' : `in ${pathName(keyPath)}`;
  const withoutEffect = keyPath.length === 0 ? WITHOUT_EFFECT[key] : undefined;
  if (withoutEffect !== undefined) {
    return {
      code: 'config_unknown_key',
      found: `"${key}" would have no effect.`,
      allowed: withoutEffect,
      ...file.locateKey([key]),
    };
  }
  return {
    code: 'config_unknown_key',
    found: `There is no key "${key}" ${where}.`,
    allowed: `Allowed there: ${allowed.join(', ')}.`,
    nearest: nearestNames(key, allowed),
    ...file.locateKey([...keyPath, key]),
  };
}

function missingKey(keyPath: KeyPath, file: YamlFile): Mistake {
  const parent = keyPath.slice(0, -1);
  return {
    code: 'config_missing_key',
    found: `${pathName(parent)} has no key "${String(keyPath.at(-1))}".`,
    allowed: 'It needs one.',
    ...file.locate(parent),
  };
}

function wrongKey(keyPath: KeyPath, allowed: string | undefined, file: YamlFile): Mistake {
  return {
    code: 'config_wrong_value',
    found: `"${String(keyPath.at(-1))}" can't be a key of ${pathName(keyPath.slice(0, -1))}.`,
    ...(allowed === undefined ? {} : { allowed: `Keys there are ${allowed}.` }),
    ...file.locateKey(keyPath),
  };
}

function wrongChoice(name: string, value: unknown, choices: string[], at: Place): Mistake {
  return {
    code: 'config_wrong_value',
    found: `${name} can't be ${JSON.stringify(value)}.`,
    allowed: `Allowed: ${choices.join(', ')}.`,
    nearest: typeof value === 'string' ? nearestNames(value, choices) : [],
    ...at,
  };
}

function wrongType(name: string, value: unknown, expected: string[], at: Place): Mistake {
  const forms = new Intl.ListFormat('en', { type: 'disjunction' }).format(expected.map(nameType));
  // The value itself is not repeated: in airflow.env it may be a password.
  return {
    code: 'config_wrong_type',
    found: `${name} is ${typeName(value)}.`,
    allowed: `It must be ${forms}.`,
    ...at,
  };
}

function typeName(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  return nameType(typeof value);
}

function nameType(type: string): string {
  const names: Record<string, string> = {
    string: 'text',
    number: 'a number',
    boolean: 'true or false',
    array: 'a list',
    object: 'a mapping',
    record: 'a mapping',
  };
  return names[type] ?? type;
}

/** `repositories[1].pythonpath` */
function pathName(keyPath: KeyPath): string {
  if (keyPath.length === 0) return 'The file';
  return keyPath
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`))
    .join('');
}

function valueAt(value: unknown, keyPath: KeyPath): unknown {
  return keyPath.reduce<unknown>(
    (current, key) =>
      typeof current === 'object' && current !== null
        ? (current as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );
}
