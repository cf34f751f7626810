import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Tests start real processes; two at a time is what two cores carry.
    pool: 'forks',
    maxWorkers: 2,
    // Far more than any test needs where processes start fast: a slow machine is no fault.
    testTimeout: 150_000,
    hookTimeout: 300_000,
    globalSetup: ['test/support/build.ts'],
  },
});
