import type { DatabaseProject, DatabaseEnvironment } from './databaseProject.ts';
import type { DatabaseDescription } from './describeDatabase.ts';

export interface DatabaseRequest {
  readonly project: DatabaseProject;
  readonly environment: DatabaseEnvironment;
  readonly airflowEnvironment: Readonly<Record<string, string>>;
  readonly description: DatabaseDescription;
}
