import path from 'node:path';
import { readFolder, readText } from './folders.ts';

export interface AirflowPin {
  readonly version: string;
  readonly python: string | undefined;
}

/**
 * The Airflow version that a repository pins exactly, with the Python version where a base image names both.
 * Looked for in requirements, constraints, `pyproject.toml` and the Dockerfile at its root, in this order.
 */
export async function findAirflowPin(root: string): Promise<AirflowPin | undefined> {
  for (const name of pinningFiles((await readFolder(root)).files)) {
    const text = await readText(path.join(root, name));
    const pin = text === undefined ? undefined : pinIn(withoutComments(text), name === 'Dockerfile');
    if (pin !== undefined) return pin;
  }
  return undefined;
}

function pinningFiles(names: ReadonlySet<string>): string[] {
  const requirements = [...names].filter((name) => /^requirements.*\.txt$/.test(name));
  const constraints = [...names].filter((name) => /^constraints.*\.txt$/.test(name));
  return [
    // requirements.txt before requirements-dev.txt.
    ...requirements.toSorted((a, b) => a.length - b.length || a.localeCompare(b)),
    ...constraints.toSorted(),
    ...['pyproject.toml', 'Dockerfile'].filter((name) => names.has(name)),
  ];
}

function pinIn(text: string, isDockerfile: boolean): AirflowPin | undefined {
  const version = `(\\d+\\.\\d+\\.\\d+(?:(?:a|b|rc)\\d+)?)(?![\\w.*])`;
  const requirement = new RegExp(
    `(?<![\\w-])apache[-_]airflow(?:\\[[^\\]]*\\])?\\s*==\\s*${version}`,
    'i',
  ).exec(text);
  if (requirement?.[1] !== undefined) return { version: requirement[1], python: undefined };
  if (!isDockerfile) return undefined;
  const image = new RegExp(
    `^\\s*FROM\\s.*apache/airflow:(?:slim-)?${version}(?:-python(3\\.\\d+))?`,
    'im',
  ).exec(text);
  return image?.[1] === undefined ? undefined : { version: image[1], python: image[2] };
}

function withoutComments(text: string): string {
  return text.replace(/(?:^|\s)#.*$/gm, '');
}
