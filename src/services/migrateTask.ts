import type { ServiceDriver } from './driver.ts';

/** Makes the database hold what this version of Airflow wants; over in milliseconds when it does already. */
export function migrateTask(migrate: () => Promise<unknown>): ServiceDriver {
  return {
    async run(tell) {
      await migrate();
      tell({ type: 'completed' });
    },
    async stop() {},
  };
}
