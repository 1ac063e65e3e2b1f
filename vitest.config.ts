import { defineConfig } from 'vitest/config';

const MINUTES = 60_000;

export default defineConfig({
  define: { __VERSION__: JSON.stringify('0.0.0-test') },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/**/*.e2e.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/**/*.e2e.test.ts'],
          globalSetup: ['test/support/airflowEnvironments.ts'],
          // Real Airflows and databases: two files at once would measure and disturb each other.
          fileParallelism: false,
          testTimeout: 5 * MINUTES,
          hookTimeout: 15 * MINUTES,
        },
      },
    ],
  },
});
