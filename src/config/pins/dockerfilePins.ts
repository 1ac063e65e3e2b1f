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
    return [...pins, ...values.split('\n').flatMap(runtimeOf), ...values.split('\n').flatMap(pythonOf)];
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

/** First major versions of Astro Runtime -> the Airflow they bring; since 3.0 the tag names Airflow's minor. */
const ASTRO: Readonly<Record<string, string>> = {
  '8': '2.6.3',
  '9': '2.7.3',
  '10': '2.8.4',
  '11': '2.9.3',
  '12': '2.10.5',
  '13': '2.11.2',
  '3.0': '3.0.6',
  '3.1': '3.1.8',
  '3.2': '3.2.2',
  '3.3': '3.3.2',
};

function runtimeOf(line: string, index: number): Pin[] {
  const match =
    /^\s*FROM\s.*(?:astro-runtime|astronomer\/runtime|\/runtime):(\d+)\.(\d+)\S*?(?:-python-?(3\.\d+))?(?:-base)?\s*(?:AS\s.*)?$/i.exec(
      line,
    );
  if (match === null) return [];
  const [, major = '', minor = '', python] = match;
  const airflow = ASTRO[major] ?? ASTRO[`${major}.${minor}`];
  return airflow === undefined ? [] : [{ airflow, python, line: index + 1 }];
}

function pythonOf(line: string, index: number): Pin[] {
  const python = /^\s*FROM\s+(?:\S*\/)?python:(3\.\d+)/i.exec(line)?.[1];
  return python === undefined ? [] : [{ python, line: index + 1 }];
}
