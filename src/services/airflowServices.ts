import type { ServiceDefinition } from './service.ts';

export const AIRFLOW_SERVICES = ['scheduler', 'dag-processor', 'triggerer', 'api-server'] as const;
export type AirflowService = (typeof AIRFLOW_SERVICES)[number];

/** What decides which services a stack has. */
export interface StackShape {
  readonly database: 'postgres' | 'sqlite';
  readonly airflowVersion: string;
  /** Whether Airflow's services are forked from the preloaded process. */
  readonly forks: boolean;
  readonly hdfs?: boolean;
  readonly kubernetes?: boolean;
}

/**
 * The services of a stack, each after those it needs. The API server comes last of those that are forked: loading
 * it takes longer than the three others together, and they need not wait for that.
 */
export function airflowStack(shape: StackShape): readonly ServiceDefinition[] {
  const postgres: ServiceDefinition[] =
    shape.database === 'postgres'
      ? [{ name: 'postgres', kind: 'process', needs: [], description: 'Postgres, on a Unix socket only' }]
      : [];
  const hdfs: ServiceDefinition[] =
    shape.hdfs === true
      ? [
          {
            name: 'hdfs',
            kind: 'process',
            needs: [],
            description: 'a mock HDFS, with its files in .devenv/hdfs',
          },
        ]
      : [];
  const kubernetes: ServiceDefinition[] =
    shape.kubernetes === true
      ? [
          {
            name: 'kubernetes',
            kind: 'process',
            needs: [],
            description: 'a kind cluster, with the files of its volumes in .devenv/volumes',
          },
        ]
      : [];
  const preload: ServiceDefinition[] = shape.forks
    ? [
        {
          name: 'preload',
          kind: 'process',
          needs: [],
          description: 'the process that Airflow is forked from',
        },
      ]
    : [];
  const migrate: ServiceDefinition = {
    name: 'migrate',
    kind: 'task',
    needs: postgres.map(({ name }) => ({ service: name, condition: 'ready' })),
    description: "Airflow's tables, as this version of Airflow wants them",
  };
  const airflow = AIRFLOW_SERVICES.filter((name) => name !== 'dag-processor' || hasDagProcessor(shape));
  return [
    ...postgres,
    ...hdfs,
    ...kubernetes,
    ...preload,
    migrate,
    ...airflow.map((name) => airflowService(name, shape)),
  ];
}

/** Airflow 2 refuses one on SQLite: there the scheduler reads the DAG files. */
export function hasDagProcessor(shape: Pick<StackShape, 'database' | 'airflowVersion'>): boolean {
  return shape.database === 'postgres' || !shape.airflowVersion.startsWith('2.');
}

function airflowService(name: AirflowService, shape: StackShape): ServiceDefinition {
  return {
    name,
    kind: 'process',
    needs: [
      { service: 'migrate', condition: 'completed' },
      // Again, for the case that it comes back after a crash: the migration is over for good.
      ...(shape.database === 'postgres' ? [{ service: 'postgres', condition: 'ready' } as const] : []),
      ...(shape.hdfs === true && name !== 'api-server'
        ? [{ service: 'hdfs', condition: 'ready' } as const]
        : []),
      // They start pods and wait for them.
      ...(shape.kubernetes === true && (name === 'scheduler' || name === 'triggerer')
        ? [{ service: 'kubernetes', condition: 'ready' } as const]
        : []),
      ...(shape.forks ? [{ service: 'preload', condition: 'ready' } as const] : []),
    ],
    // A task that ends while its scheduler is stopped tells the API of Airflow 3; else it would be done once more.
    ...(name === 'api-server' ? { outlives: ['scheduler'] } : {}),
    description: DESCRIPTIONS[name],
  };
}

const DESCRIPTIONS: Readonly<Record<AirflowService, string>> = {
  'scheduler': 'schedules DAG runs and runs their tasks (LocalExecutor)',
  'dag-processor': 'reads the DAG files',
  'triggerer': 'waits for what deferred tasks wait for',
  'api-server': "Airflow's UI and API",
};

/** `scheduler` of the job table is what `job_type` calls SchedulerJob; undefined for services without a job. */
export const JOB_TYPES: Readonly<Record<string, string>> = {
  'scheduler': 'SchedulerJob',
  'dag-processor': 'DagProcessorJob',
  'triggerer': 'TriggererJob',
};
