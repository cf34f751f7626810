import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BIN } from '../support/rig.js';

const PROJECT = resolve(import.meta.dirname, '../..');
const BINDING = 'better-sqlite3/build/Release';

let folder: string;
let tarball: string;
/** Why nothing can be installed here; empty if it can. */
let problem = '';

const installed = (...parts: readonly string[]): string =>
  join(folder, 'prefix/lib/node_modules/refit/node_modules', ...parts);

const refit = (...args: readonly string[]) => {
  const ended = spawnSync(join(folder, 'prefix/bin/refit'), args, { cwd: join(folder, 'project'), encoding: 'utf8' });
  return { exit: ended.status, stdout: ended.stdout, stderr: ended.stderr };
};

/** The compiled part, which takes minutes to build, comes from this checkout. */
const giveBinding = (): void => {
  mkdirSync(installed('better-sqlite3/build'), { recursive: true });
  cpSync(join(PROJECT, 'node_modules', BINDING, 'better_sqlite3.node'), installed(BINDING, 'better_sqlite3.node'));
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'refit-install-'));
  mkdirSync(join(folder, 'project'));
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], { cwd: PROJECT });
  tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '');
  const args = ['install', '--global', '--prefix', join(folder, 'prefix'), '--ignore-scripts', '--prefer-offline'];
  const ended = spawnSync('npm', [...args, tarball], { cwd: folder, encoding: 'utf8', timeout: 290_000 });
  if (ended.status !== 0) problem = `npm cannot reach its registry: ${ended.stderr.slice(0, 200)}`;
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('installs globally from the packed tarball, and says what to do while the compiled part is missing', ({ skip }) => {
  if (problem !== '') skip(problem);
  expect(refit('--version')).toMatchObject({ exit: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  const { exit, stderr } = refit('init');
  expect(exit).toBe(1);
  expect(stderr).toContain('better-sqlite3 was installed without its compiled part');
  expect(stderr).toMatch(/run: cd \S+refit && npm rebuild better-sqlite3/);
  expect(refit('--version', '--verbose').stdout).toContain('sqlite        cannot be used: Cannot find module');
  giveBinding();
  expect(refit('init').exit).toBe(0);
  expect(refit('validate').exit).toBe(0);
});

it('says so when a file of the compiled part is for another system', ({ skip }) => {
  if (problem !== '') skip(problem);
  mkdirSync(installed(BINDING), { recursive: true });
  writeFileSync(installed(BINDING, 'better_sqlite3.node'), 'not a program');
  expect(refit('status').stderr).toMatch(/better-sqlite3 cannot be loaded[\s\S]*npm rebuild better-sqlite3/);
  giveBinding();
});

it('says what to do without the package of DuckDB for this system', ({ skip }) => {
  if (problem !== '') skip(problem);
  giveBinding();
  const [name = ''] = readdirSync(installed('@duckdb')).filter((one) => one.startsWith('node-bindings-'));
  rmSync(installed('@duckdb', name), { recursive: true });
  writeFileSync(join(folder, 'project/a.csv'), 'x\n1\n');
  const { exit, stderr } = refit('check-data', 'a.csv');
  expect(exit).toBe(1);
  expect(stderr).toContain('error installation-incomplete');
  expect(stderr).toContain('install refit again');
});

it('names its parts with --version --verbose', () => {
  const { stdout } = spawnSync(process.execPath, [BIN, '--version', '--verbose'], { encoding: 'utf8' });
  const names = stdout
    .trim()
    .split('\n')
    .map((line) => line.split('  ')[0]);
  expect(names).toEqual(['refit', 'installed in', 'node', 'platform', 'sqlite', 'duckdb', 'git']);
  expect(stdout).toContain(`node          ${process.versions.node} (${process.execPath})\n`);
  expect(stdout).toMatch(/^sqlite {8}3\.\d+\.\d+ \(better-sqlite3 \d+/m);
});

it.each(['18.20.4', '20.18.3'])('says that Node %s is too old', (version) => {
  const shim = join(folder, 'old.cjs');
  writeFileSync(
    shim,
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`,
  );
  const { status, stderr, stdout } = spawnSync(process.execPath, ['-r', shim, BIN, 'status'], { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain(`error node-too-old refit needs Node 20.19 or newer, and ${process.execPath} is ${version}`);
});

it('says how to build a checkout', () => {
  const checkout = join(folder, 'checkout');
  cpSync(join(PROJECT, 'bin'), join(checkout, 'bin'), { recursive: true });
  cpSync(join(PROJECT, 'package.json'), join(checkout, 'package.json'));
  const { status, stderr } = spawnSync(process.execPath, [join(checkout, 'bin/refit.js'), 'status'], {
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toContain('npm ci && npm run build');
});

it('runs with npx from the tarball', ({ skip }) => {
  if (problem !== '') skip(problem);
  expect(existsSync(tarball)).toBe(true);
  const args = ['--yes', '--prefer-offline', '--ignore-scripts', `--package=${tarball}`, 'refit', '--version'];
  const ended = spawnSync('npx', args, { cwd: join(folder, 'project'), encoding: 'utf8' });
  expect(ended.stdout, ended.stderr).toMatch(/^\d+\.\d+\.\d+\n$/);
}, 300_000);
