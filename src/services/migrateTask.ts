import type { ServiceDriver } from './driver.ts';

/** Makes the database hold what this version of Airflow wants; over in milliseconds when it does already. */
export function migrateTask(migrate: (signal: AbortSignal) => Promise<unknown>): ServiceDriver {
  return {
    async run(tell, signal) {
      await migrate(signal);
      tell({ type: 'completed' });
    },
    async stop() {},
  };
}
