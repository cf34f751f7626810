// Changes the pure code one expression at a time and counts how many changes the tests notice (Stryker):
//
//   npm run mutation                                every folder below, and its score
//   npm run mutation -- gate statistics             some folders
//   npm run mutation -- drift/order data/spike.ts   some files of a folder; then every change that went unnoticed is listed
//
// A folder's score is the share of changes that its own unit tests notice, so a test must stand beside the code it tests.
//
// Files are measured one after the other, and results are kept in reports/mutation: a run that was stopped, or asked for
// a part of a folder, loses nothing, and the next one repeats only changes of code or tests that differ.
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative, resolve } from 'node:path';
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
    .map((source) => [
      source.split('/')[1],
      { name: source.split('/')[1], source, tests: source.replace('src', 'test') },
    ]),
);

/** Stryker's own words for what a test noticed. */
const NOTICED = ['Killed', 'Timeout'];
const UNNOTICED = ['Survived', 'NoCoverage'];

function refuse(sentence) {
  console.error(sentence);
  process.exit(2);
}

/** The folder and the files that an argument like "drift", "drift/order" or "data/spike.ts" names. */
function partNamed(argument) {
  const [name, ...rest] = argument.split('/');
  const folder = folders[name];
  if (folder === undefined)
    refuse(`no folder "${name}" is tested by mutation; there are ${Object.keys(folders).join(', ')}`);
  const path = [folder.source, ...rest].join('/').replace(/\/$/, '');
  const files = globSync([path, `${path}.ts`, `${path}/**/*.ts`], { expandDirectories: false }).sort();
  if (files.length === 0) refuse(`"${argument}" names no file; see the files in ${folder.source}`);
  return { folder, files, isWhole: rest.length === 0 };
}

const reportOf = (folder, ending) => `reports/mutation/${folder.source.replaceAll('/', '-')}.${ending}`;

async function measure({ source, tests }, file) {
  process.env.UNIT_TESTS = `${tests}/**/*.test.ts`;
  const stryker = new Stryker({
    mutate: [file],
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'vitest.unit.config.ts' },
    coverageAnalysis: 'perTest',
    // code that runs when a module is loaded is reached by every test: a fifth of the changes would take four fifths of the time
    ignoreStatic: true,
    incremental: true,
    incrementalFile: reportOf({ source }, 'json'),
    // a change that runs out of time counts as noticed, so a slow machine must not look like an endless loop
    timeoutMS: 60_000,
    dryRunTimeoutMinutes: 30,
    concurrency: Math.min(2, availableParallelism()),
    ignorePatterns: ['/dist', '/pipelines', '/docs', '/reports', '/test/fixtures/tls'],
    reporters: ['html'],
    htmlReporter: { fileName: reportOf({ source }, 'html') },
    tempDirName: '.stryker-tmp',
    allowConsoleColors: false,
    logLevel: 'warn',
  });
  try {
    await stryker.runMutationTest();
  } catch (error) {
    // Stryker ends with this error for a file that no unit test imports; the other files are still measured.
    if (!String(error).includes('No tests were executed')) throw error;
    console.log(`${file}: no unit test in ${tests} reaches it`);
  }
}

/** What is known of the files: for each its changes that count, from the report of its folder. */
function resultsOf(folder, files) {
  const path = reportOf(folder, 'json');
  const report = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).files : {};
  return files
    .filter((file) => report[file] !== undefined)
    .map((file) => {
      const count = (states) => report[file].mutants.filter(({ status }) => states.includes(status));
      return { file, lines: report[file].source.split('\n'), noticed: count(NOTICED), unnoticed: count(UNNOTICED) };
    });
}

function textAt(lines, { start, end }) {
  const part = lines.slice(start.line - 1, end.line);
  part[part.length - 1] = part.at(-1).slice(0, end.column - 1);
  part[0] = part[0].slice(start.column - 1);
  return part.join(' ').replaceAll(/\s+/g, ' ');
}

const score = (noticed, changes) => (changes === 0 ? 'no changes' : `${((100 * noticed) / changes).toFixed(1)} %`);

function rowOf(name, results) {
  const noticed = results.reduce((sum, result) => sum + result.noticed.length, 0);
  const changes = results.reduce((sum, result) => sum + result.unnoticed.length, noticed);
  return { name, files: results.length, changes, noticed, score: score(noticed, changes) };
}

const asked = process.argv.slice(2);
const parts = (asked.length > 0 ? asked : Object.keys(folders)).map(partNamed);
const rows = [];
for (const { folder, files, isWhole } of parts) {
  if (!existsSync(folder.tests)) {
    rows.push({ name: folder.source, files: files.length, changes: 0, noticed: 0, score: 'no tests' });
    continue;
  }
  for (const file of files) {
    await measure(folder, file);
    for (const { lines, noticed, unnoticed } of resultsOf(folder, [file])) {
      console.log(`${file}: ${noticed.length} of ${noticed.length + unnoticed.length} changes noticed`);
      if (asked.length > 0)
        for (const { location, replacement, status } of unnoticed)
          console.log(
            `  ${file}:${location.start.line}:${location.start.column} ${status === 'NoCoverage' ? '(no test) ' : ''}${textAt(lines, location)}  →  ${replacement}`,
          );
    }
  }
  const results = resultsOf(folder, files);
  for (const result of results) rows.push(rowOf(relative(folder.source, result.file), [result]));
  if (isWhole || files.length > 1) rows.push(rowOf(isWhole ? folder.source : 'together', results));
}
console.table(rows);
