export interface DatabaseEnvironment {
  readonly python: string;
  readonly directory: string;
  readonly fingerprint: string;
  readonly airflowVersion: string;
}

export interface DatabaseProject {
  readonly root: string;
  readonly stateDirectory: string;
  readonly database: 'postgres' | 'sqlite';
}
