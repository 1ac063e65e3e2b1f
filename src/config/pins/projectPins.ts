import { AIRFLOW_REQUIREMENT, type Pin, type PinFinder, pinsByLine } from './pin.ts';

/** `pyproject.toml`, `setup.cfg`, `Pipfile`: requirements as pip, Poetry and Pipenv write them. */
export const projectPins: PinFinder = {
  reads: (file) => /(?:^|\/)(?:pyproject\.toml|setup\.(?:cfg|py)|Pipfile)$/.test(file),
  find: (text) => {
    const pins = pinsByLine(text, [AIRFLOW_REQUIREMENT, TABLE_ENTRY]);
    return [...pins, ...text.split('\n').flatMap(pythonOf)];
  },
};

/** Poetry's `apache-airflow = "2.9.1"` or `{version = "==2.9.1", extras = […]}`. */
const TABLE_ENTRY =
  /^\s*["']?apache-airflow["']?\s*=\s*(?:\{.*version\s*=\s*)?["']={0,2}(\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)["']/;

/** The only minor version that is allowed, or the newest one below a bound. */
function pythonOf(line: string, index: number): Pin[] {
  const [, allowed] = /^\s*(?:requires-python|python|python_version)\s*=\s*["']([^"']+)["']/.exec(line) ?? [];
  if (allowed === undefined) return [];
  const single = /^\s*(?:~=\s*|~|==\s*)?(3\.\d+)(?:\.\d+|\.\*)?\s*$/.exec(allowed)?.[1];
  const python = single ?? newestBelow(allowed);
  return python === undefined ? [] : [{ python, line: index + 1 }];
}

function newestBelow(allowed: string): string | undefined {
  const [, operator, minor] = /<\s*(=?)\s*3\.(\d+)/.exec(allowed) ?? [];
  if (minor === undefined) return undefined;
  return `3.${Number(minor) - (operator === '=' ? 0 : 1)}`;
}
