// Changes the pure code one expression at a time and counts how many changes the tests notice (Stryker):
//
//   npm run mutation                        every folder below, and its score
//   npm run mutation -- gate statistics     some folders; every change that went unnoticed is listed
//
// A folder's score is the share of changes that its own unit tests notice, so a test must stand beside the code it tests.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import { globSync } from 'tinyglobby';

const project = resolve(import.meta.dirname, '..');
process.chdir(project);

/** Pure code by the name of its folder: every judge, statistics, the plan with the fingerprint. */
const folders = Object.fromEntries(
  ['src/*/judge', 'src/execute/plan', 'src/statistics']
    .flatMap((pattern) => globSync(pattern, { onlyDirectories: true, expandDirectories: false }))
    .map((path) => path.replace(/\/$/, ''))
    .sort()
    .map((source) => [source.split('/')[1], { source, tests: source.replace('src', 'test') }]),
);

const asked = process.argv.slice(2);
for (const name of asked)
  if (folders[name] === undefined) {
    console.error(`no folder "${name}" is tested by mutation; there are ${Object.keys(folders).join(', ')}`);
    process.exit(2);
  }

/** Stryker's own words for what a test noticed. */
const NOTICED = ['Killed', 'Timeout'];
const UNNOTICED = ['Survived', 'NoCoverage'];

async function measure({ source, tests }) {
  process.env.UNIT_TESTS = `${tests}/**/*.test.ts`;
  const stryker = new Stryker({
    mutate: [`${source}/**/*.ts`],
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'vitest.unit.config.ts' },
    coverageAnalysis: 'perTest',
    // code that runs when a module is loaded is reached by every test: a fifth of the changes would take four fifths of the time
    ignoreStatic: true,
    concurrency: Math.min(2, availableParallelism()),
    ignorePatterns: ['/dist', '/pipelines', '/docs', '/reports', '/test/fixtures/tls'],
    reporters: ['html', ...(asked.length > 0 ? ['clear-text'] : [])],
    clearTextReporter: { allowColor: false, logTests: false, reportScoreTable: false },
    htmlReporter: { fileName: `reports/mutation/${source.replaceAll('/', '-')}.html` },
    tempDirName: '.stryker-tmp',
    allowConsoleColors: false,
    logLevel: 'warn',
  });
  const mutants = await stryker.runMutationTest();
  const count = (states) => mutants.filter(({ status }) => states.includes(status)).length;
  return { noticed: count(NOTICED), unnoticed: count(UNNOTICED) };
}

const scores = [];
for (const name of asked.length > 0 ? asked : Object.keys(folders)) {
  const folder = folders[name];
  if (!existsSync(folder.tests)) scores.push({ folder: folder.source, changes: 0, noticed: 0, score: 'no tests' });
  else {
    const { noticed, unnoticed } = await measure(folder);
    const changes = noticed + unnoticed;
    scores.push({ folder: folder.source, changes, noticed, score: `${((100 * noticed) / changes).toFixed(1)} %` });
  }
}
console.table(scores);
