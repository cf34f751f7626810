import { configDefaults, defineConfig } from 'vitest/config';

/** Clusters, kills at drawn instants and months of real data. */
const LONG = [
  'test/{crash,install,kubernetes,slurm,warm}/**/*.test.ts',
  'test/**/*flights*.test.ts',
  'test/retrain/backtest.test.ts',
];

/** `short`, `long`, or all: .ci/run gives the long tests what is left of its time. */
const group = process.env.TESTS;

export default defineConfig({
  test: {
    include: group === 'long' ? LONG : ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(group === 'short' ? LONG : [])],
    // Tests start real processes; two at a time is what two cores carry.
    pool: 'forks',
    maxWorkers: 2,
    // Far more than any test needs where processes start fast: a slow machine is no fault.
    testTimeout: 300_000,
    hookTimeout: 600_000,
    globalSetup: ['test/support/build.ts'],
  },
});
