import type { Project } from '../config/project.ts';
import { DevenvError } from '../errors.ts';
import { readJsonLines } from '../platform/jsonLines.ts';
import { connectUnix } from '../platform/unixSocket.ts';
import { runnerSocket, runsDirectory, type RunnerSpec } from './runner.ts';
import { runRequest, type RunDagOptions } from './runRequest.ts';

/** What became of one file, as `airflow_devenv/parse_request.py` tells it. */
export interface ParsedFile {
  readonly file: string;
  readonly dag_ids: readonly string[];
  readonly import_errors: readonly {
    readonly file: string;
    readonly line?: number | null;
    readonly message: string;
  }[];
  /** The author's files that it read. */
  readonly sources: readonly string[];
  /** Whether the database holds something else than before. */
  readonly changed: boolean;
  readonly duration_ms: number;
}

type ParseEvent =
  | ({ readonly event: 'parsed_file' } & ParsedFile)
  | {
      readonly event: 'error';
      readonly code: string;
      readonly what: string;
      readonly why?: string;
      readonly next?: readonly string[];
    }
  | { readonly event: 'exit'; readonly code: number };

/**
 * Has the warm runner parse these files (every DAG file when none is named) and write what it found to the
 * database, import errors too.
 *
 * @returns undefined when no runner listens.
 * @throws DevenvError what is wrong with the DAGs folders, or with the database; Error when the runner failed in the
 * middle.
 */
export async function* parseFiles(
  project: Project,
  spec: RunnerSpec,
  files: readonly string[],
): AsyncGenerator<ParsedFile, boolean> {
  const socket = await connectUnix(runnerSocket(spec));
  if (socket === undefined) return false;
  const request = runRequest(project, NO_RUN, {
    workingDirectory: project.root,
    environment: { ...spec.airflowEnvironment, AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT: IMPORT_SECONDS },
    runsDirectory: runsDirectory(spec.stateDirectory),
  });
  socket.write(`${JSON.stringify({ ...request, kind: 'parse', files })}\n`);
  try {
    for await (const event of readJsonLines<ParseEvent>(socket)) {
      if (event.event === 'parsed_file') yield event;
      else if (event.event === 'error') throw new DevenvError(event);
      else if (event.event === 'exit') return true;
    }
  } finally {
    socket.destroy();
  }
  throw new Error('The runner ended in the middle of it.');
}

/** Of one file. A run may take its time; a person who has saved a file waits for this. */
const IMPORT_SECONDS = '30';

const NO_RUN: RunDagOptions = {
  arguments: [],
  replace: false,
  retries: 0,
  reportSources: false,
  useRunner: true,
  stock: false,
};
