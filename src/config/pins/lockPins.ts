import type { Pin, PinFinder } from './pin.ts';

/** Locks of uv, Poetry, PDM (`[[package]]` with name and version) and Pipenv (JSON). */
export const lockPins: PinFinder = {
  reads: (file) => /(?:^|\/)(?:uv|poetry|pdm|Pipfile)\.lock$/.test(file),
  find: (text) => [...found(text, TOML_ENTRY), ...found(text, PIPFILE_ENTRY)],
};

const TOML_ENTRY = /^name = "apache-airflow"\r?\nversion = "(\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)"/m;
const PIPFILE_ENTRY = /"apache-airflow":\s*\{[^}]*"version":\s*"==(\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)"/;

function found(text: string, pattern: RegExp): Pin[] {
  const match = pattern.exec(text);
  return match === null ? [] : [{ airflow: match[1], line: text.slice(0, match.index).split('\n').length }];
}
