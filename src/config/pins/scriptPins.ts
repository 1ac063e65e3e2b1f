import {
  AIRFLOW_IMAGE,
  AIRFLOW_REQUIREMENT,
  CONSTRAINTS_ADDRESS,
  type Pin,
  type PinFinder,
  pinsByLine,
} from './pin.ts';

/** Makefiles and shell scripts that install Airflow; `AIRFLOW_VERSION=2.9.1` as Airflow's own guide has it. */
export const scriptPins: PinFinder = {
  reads: (file) =>
    /(?:^|\/)(?:Makefile|GNUmakefile|justfile|[\w.-]+\.(?:mk|sh|bash)|bin\/[\w-]+|\.env)$/.test(file),
  find: (text) => [
    ...pinsByLine(text, [AIRFLOW_REQUIREMENT, CONSTRAINTS_ADDRESS, AIRFLOW_IMAGE, VARIABLE]),
    ...text.split('\n').flatMap(pythonOf),
  ],
};

const VARIABLE = /^\s*(?:export\s+)?AIRFLOW_VERSION\s*[:?]?=\s*["']?(\d+\.\d+\.\d+)["']?\s*$/;

function pythonOf(line: string, index: number): Pin[] {
  const python = /^\s*(?:export\s+)?PYTHON_VERSION\s*[:?]?=\s*["']?(3\.\d+)(?:\.\d+)?["']?\s*$/.exec(
    line,
  )?.[1];
  return python === undefined ? [] : [{ python, line: index + 1 }];
}
