import { execFileSync, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const PROJECT = resolve(import.meta.dirname, '../..');
const npm = (...args: readonly string[]) =>
  spawnSync('npm', args, { cwd: PROJECT, encoding: 'utf8', timeout: 60_000, maxBuffer: 1 << 26 });

/** What a user needs to run refit: the bundle, its starter, examples, schemas, and what a person reads first. */
const EXPECTED = [
  /^(?:package\.json|README\.md|CHANGELOG\.md|SECURITY\.md|LICENSE)$/,
  /^bin\/refit(?:-job)?(?:\.js)?$/,
  /^man\/refit\.1$/,
  /^dist\/bundle\/(?:.+\.js|LICENSES\.txt)$/,
  /^pipelines\/[\w/.-]+$/,
  /^src\/interop\/openlineage\/schemas\/.+$/,
];
/** What must not leave this machine, whatever folder it lies in. */
const NEVER =
  /(?:^|\/)(?:\.env|\.npmrc|\.git|\.refit|node_modules|test|docs)(?:\/|$)|\.(?:db|db-wal|log|pem|key|map|tgz)$|\.test\./;

it('the packed package holds nothing but what it should', () => {
  const packed = npm('pack', '--dry-run', '--json', '--ignore-scripts');
  expect(packed.status, packed.stderr).toBe(0);
  const [{ files }] = JSON.parse(packed.stdout) as [{ files: { path: string; mode: number }[] }];
  const paths = files.map(({ path }) => path);
  expect(paths).toContain('bin/refit.js');
  expect(paths).toContain('man/refit.1');
  expect(paths.some((path) => path.startsWith('dist/bundle/'))).toBe(true);
  expect(paths.filter((path) => !EXPECTED.some((form) => form.test(path)))).toEqual([]);
  expect(paths.filter((path) => NEVER.test(path))).toEqual([]);
  // Everything in the folder of examples is in git: nothing that a run has left there is packed.
  const tracked = new Set(
    execFileSync('git', ['ls-files', 'pipelines', 'src'], { cwd: PROJECT, encoding: 'utf8' }).split('\n'),
  );
  expect(paths.filter((path) => /^(?:pipelines|src)\//.test(path) && !tracked.has(path))).toEqual([]);
});

it('the production dependencies have no known vulnerability', ({ skip }) => {
  const audited = npm('audit', '--omit=dev', '--json');
  const report = JSON.parse(audited.stdout === '' ? '{}' : audited.stdout);
  if (report.metadata?.vulnerabilities === undefined)
    skip(
      `the registry answers no audit: ${report.error?.summary || report.message || audited.stderr.slice(0, 200) || 'no answer'}`,
    );
  expect(report.vulnerabilities).toEqual({});
});
