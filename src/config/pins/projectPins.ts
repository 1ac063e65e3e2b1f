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

/** Only where a single minor version is allowed. */
function pythonOf(line: string, index: number): Pin[] {
  const single =
    /^\s*(?:requires-python|python|python_version)\s*=\s*["'](?:~=\s*|~|==\s*)?(3\.\d+)(?:\.\d+|\.\*)?["']/.exec(
      line,
    );
  const range =
    /^\s*(?:requires-python|python)\s*=\s*["']\s*>=\s*3\.(\d+)(?:\.\d+)?\s*,\s*<\s*3\.(\d+)(?:\.0)?\s*["']/.exec(
      line,
    );
  if (single?.[1] !== undefined) return [{ python: single[1], line: index + 1 }];
  if (range !== null && Number(range[2]) === Number(range[1]) + 1)
    return [{ python: `3.${range[1]}`, line: index + 1 }];
  return [];
}
