/** What one place of a repository says about the Airflow that it is made for. */
export interface Pin {
  /** E.g. `2.11.0`. */
  readonly airflow?: string | undefined;
  /** A minor version, e.g. `3.12`. */
  readonly python?: string | undefined;
  /** Counts from 1. */
  readonly line: number;
}

/** Finds pins in one kind of file. */
export interface PinFinder {
  /** True for the files it reads, by their path relative to the repository, with `/`. */
  readonly reads: (file: string) => boolean;
  /** In the order of their lines. */
  readonly find: (text: string) => readonly Pin[];
}

const AIRFLOW_VERSION = String.raw`(\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)(?![\w.*])`;

/** `apache-airflow[celery]==2.11.0`, and no provider. */
export const AIRFLOW_REQUIREMENT = new RegExp(
  String.raw`(?<![\w-])apache[-_]airflow(?:-core)?(?:\[[^\]]*\])?["']?\s*==\s*${AIRFLOW_VERSION}`,
  'i',
);
/** The address of Airflow's official constraint file. */
export const CONSTRAINTS_ADDRESS = new RegExp(
  String.raw`constraints-(\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)\/constraints-(?:[a-z-]+-)?(3\.\d+)\.txt`,
);
/** Airflow's own image with a tag that names the version, and perhaps the Python. */
export const AIRFLOW_IMAGE = new RegExp(
  String.raw`apache\/airflow:(?:slim-)?(\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)(?:-python(3\.\d+))?`,
  'i',
);

/** Pins of every line in which one of these patterns matches: the version of Airflow first, the Python second. */
export function pinsByLine(text: string, patterns: readonly RegExp[]): readonly Pin[] {
  return text.split('\n').flatMap((raw, index) => {
    const line = raw.replace(/(?:^|\s)#.*$/, '');
    for (const pattern of patterns) {
      const match = pattern.exec(line);
      if (match?.[1] !== undefined) return [{ airflow: match[1], python: match[2], line: index + 1 }];
    }
    return [];
  });
}
