import { readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from '../context.ts';
import { writeFileAtomic } from '../platform/atomicFile.ts';
import { errorCode } from '../platform/fileSystemError.ts';
import { makePrivateFolder } from '../platform/privateFolder.ts';

/**
 * Sees to it that Airflow finds a configuration file in its home, and so writes none: its own has every default of one
 * version in it, and the next version dies of them. One that Airflow has written earlier is set aside; one that a person
 * has written stays, and holds.
 */
export async function prepareAirflowHome(context: Pick<Context, 'emit'>, home: string): Promise<void> {
  const file = path.join(home, 'airflow.cfg');
  const present = await readFile(file, 'utf8').catch(() => undefined);
  if (present !== undefined && !isWrittenByAirflow(present)) return;
  if (present !== undefined) {
    const aside = `${file}.set-aside`;
    await rename(file, aside).catch(unlessGone);
    const text = `The defaults of an Airflow in ${file} would be taken for settings of yours: the file is now ${aside}`;
    context.emit({ type: 'message', level: 'warning', text });
  }
  await makePrivateFolder(home);
  await writeFileAtomic(file, CONTENT);
}

/** Another command has done it meanwhile. */
function unlessGone(error: unknown): void {
  if (errorCode(error) !== 'ENOENT') throw error;
}

/** Each option that Airflow writes has its variable above it, or the text of its documentation. Pure. */
function isWrittenByAirflow(text: string): boolean {
  const variables = text.match(/^# Variable: AIRFLOW__/gm)?.length ?? 0;
  return variables >= MOST_BY_HAND || (variables === 0 && text.includes(FIRST_OPTION));
}

/** A person copies some options with what stands above them, not all. */
const MOST_BY_HAND = 50;
const FIRST_OPTION = '# The folder where your airflow pipelines live, most likely';

const CONTENT = `# Settings of Airflow for this project belong into devenv.yaml (airflow.config).
# devenv keeps this file so that Airflow writes none with all its defaults. What you write here holds as well.
`;
