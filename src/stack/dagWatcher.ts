import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Project } from '../config/project.ts';
import { parseFiles } from '../dagruns/parseFiles.ts';
import type { RunnerSpec } from '../dagruns/runner.ts';
import { filesBelow } from '../platform/linkLoop.ts';
import { isIgnored, reactTo, type Reaction } from './changedFiles.ts';
import type { ParsedFileReport } from './events.ts';
import { reportOf } from './parsedFileReport.ts';

export interface DagWatcherOptions {
  readonly project: Project;
  readonly spec: RunnerSpec;
  readonly onParsed: (report: ParsedFileReport) => void;
  /** Plugin files changed: what has loaded them has to start again. */
  readonly onPlugins: (files: readonly string[]) => void;
  readonly onProblem: (text: string) => void;
}

/** Editors write a file several times within one save, and Git changes many at once. */
const SETTLE_MS = 40;

/**
 * Watches the author's repositories: what was saved is parsed at once instead of when the dag-processor comes by,
 * and with it every DAG file that reads a saved helper.
 *
 * @returns ends the watch.
 */
export async function watchDags(options: DagWatcherOptions): Promise<() => Promise<void>> {
  const { watch } = await import('chokidar');
  const roots = options.project.repositories.map((each) => each.path);
  const watcher = watch(roots, {
    ignoreInitial: true,
    ignored: (file) => isIgnored(file),
    // Without the permission to read a folder the others are watched all the same.
    ignorePermissionErrors: true,
  });
  const reactor = new Reactor(options);
  watcher.on('all', (_event, file) => reactor.changed(path.resolve(file)));
  watcher.on('error', (error) => options.onProblem(`Saved files may go unnoticed: ${String(error)}`));
  return async () => {
    reactor.close();
    await watcher.close();
  };
}

class Reactor {
  readonly #options: DagWatcherOptions;
  readonly #sources = new Map<string, ReadonlySet<string>>();
  #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #busy = false;
  #closed = false;

  constructor(options: DagWatcherOptions) {
    this.#options = options;
  }

  changed(file: string): void {
    this.#changed.add(file);
    if (this.#busy || this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#react(), SETTLE_MS);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #react(): Promise<void> {
    this.#busy = true;
    while (this.#changed.size > 0 && !this.#closed) {
      const changed = [...this.#changed];
      this.#changed = new Set();
      const reaction = reactTo(changed, this.#options.project, {
        sources: this.#sources,
        isPlugin: (file) => isPlugin(file, this.#options.project),
      });
      await this.#carryOut(reaction).catch((error: unknown) => this.#options.onProblem(String(error)));
    }
    this.#busy = false;
  }

  async #carryOut({ parse, parseAll, restartFor }: Reaction): Promise<void> {
    if (restartFor.length > 0) this.#options.onPlugins(restartFor);
    if (parse.length === 0 && !parseAll) return;
    const { project, spec } = this.#options;
    for await (const parsed of parseFiles(project, spec, parse)) {
      this.#sources.set(parsed.file, new Set(parsed.sources));
      this.#options.onParsed(reportOf(parsed));
    }
  }
}

/**
 * A plugin, or a module in a plugins folder that has one: which of these a plugin imports is not known. Folders
 * that only hold operators to import have no plugin.
 */
function isPlugin(file: string, project: Project): boolean {
  const folder = project.repositories
    .flatMap((each) => each.pluginsFolders)
    .find((each) => file.startsWith(each + path.sep));
  return folder !== undefined && holdsPlugin(folder);
}

function holdsPlugin(folder: string): boolean {
  try {
    return [...filesBelow(folder)]
      .filter((file) => file.endsWith('.py'))
      .some((file) => readFileSync(file).includes('AirflowPlugin'));
  } catch {
    return false;
  }
}
