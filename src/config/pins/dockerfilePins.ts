import { astroRuntimeOf } from './astroRuntime.ts';
import {
  AIRFLOW_IMAGE,
  AIRFLOW_REQUIREMENT,
  CONSTRAINTS_ADDRESS,
  type Pin,
  type PinFinder,
  pinsByLine,
} from './pin.ts';

/** `FROM apache/airflow:2.11.0-python3.12`, also by an ARG; what it installs; Astro's runtime; `FROM python:3.11`. */
export const dockerfilePins: PinFinder = {
  reads: (file) => /(?:^|\/)(?:Dockerfile(?:\.[\w.-]+)?|[\w.-]+\.[Dd]ockerfile|Containerfile)$/.test(file),
  find: (text) => {
    const values = withArguments(text);
    const pins = pinsByLine(values, [FROM_AIRFLOW, AIRFLOW_REQUIREMENT, CONSTRAINTS_ADDRESS]);
    return [...pins, ...values.split('\n').flatMap(astroRuntimeOf), ...values.split('\n').flatMap(pythonOf)];
  },
};

const FROM_AIRFLOW = new RegExp(`^\\s*FROM\\s.*${AIRFLOW_IMAGE.source}`, 'i');

/** The text with `${NAME}` replaced by what `ARG NAME=value` and `ENV NAME=value` say. */
function withArguments(text: string): string {
  const values = new Map(
    [...text.matchAll(/^\s*(?:ARG|ENV)\s+(\w+)[=\s]\s*["']?([^\s"']+)["']?\s*$/gm)].map(
      ([, name = '', value = '']) => [name, value],
    ),
  );
  return text.replaceAll(
    /\$\{(\w+)(?::-[^}]*)?\}|\$(\w+)/g,
    (whole, braced?: string, plain?: string) => values.get(braced ?? plain ?? '') ?? whole,
  );
}

function pythonOf(line: string, index: number): Pin[] {
  const python = /^\s*FROM\s+(?:\S*\/)?python:(3\.\d+)/i.exec(line)?.[1];
  return python === undefined ? [] : [{ python, line: index + 1 }];
}

/** True for the text of a Dockerfile that installs from a lock: what that holds is what the image has in the end. */
export function installsLock(text: string): boolean {
  return /\b(?:uv|poetry|pdm|Pipfile)\.lock\b|\b(?:uv|pdm|pipenv) sync\b|\bpoetry (?:install|export|build)\b/.test(
    text,
  );
}
