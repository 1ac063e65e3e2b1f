import { AIRFLOW_REQUIREMENT, type Pin, type PinFinder, pinsByLine } from './pin.ts';

/** Conda environments: `- airflow=2.9.1`, `- apache-airflow==2.9.1` under pip, `- python=3.11`. */
export const condaPins: PinFinder = {
  reads: (file) => /(?:^|\/)(?:conda[\w.-]*|environment)\.ya?ml$/.test(file),
  find: (text) => [
    ...pinsByLine(text, [AIRFLOW_REQUIREMENT, CONDA_AIRFLOW]),
    ...text.split('\n').flatMap(pythonOf),
  ],
};

const CONDA_AIRFLOW = /^\s*-\s*["']?(?:[\w-]+::)?(?:apache-)?airflow\s*=\s*(\d+\.\d+\.\d+)(?![\w.*])/;

function pythonOf(line: string, index: number): Pin[] {
  const python = /^\s*-\s*["']?(?:[\w-]+::)?python\s*={1,2}\s*(3\.\d+)/.exec(line)?.[1];
  return python === undefined ? [] : [{ python, line: index + 1 }];
}
