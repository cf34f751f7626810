import { defineConfig } from 'vitest/config';

/**
 * Tests of pure code alone. They need no build, so that scripts/mutation.js can run them once for every change it makes.
 * Simulations of thousands of samples are left out: they check a distribution, and take too long to run that often.
 */
export default defineConfig({
  test: {
    include: [process.env.UNIT_TESTS ?? '{test/*/judge/**/*,test/execute/plan/**/*,test/statistics/**/*}.test.ts'],
    exclude: ['test/**/*.simulation.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // changed code is slow code while scripts/mutation.js measures which test reaches which line
    testTimeout: 300_000,
  },
});
