import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DuckDBConnection } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.js';

const FILES = {
  'pipelines/p.yaml': `pipeline: p
datasets: { rows: { path: "data/*.csv", checks: { schema: schema.yaml } } }
steps: { s: { run: 'echo 1 > o', inputs: [in.txt], outputs: [o], metrics: m.json } }
`,
  'data/x.csv': 'a\n1\n',
  'schema.yaml': 'columns: { a: { min: 0 } }\n',
  'in.txt': 'in\n',
  'deep/er/file': '',
};

const git = (cwd: string, ...args: readonly string[]): void =>
  void execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd, stdio: 'ignore' });

/** An answer is far quicker, a hang has no end. */
const MOST_MS = 20_000;

async function answered(rig: Rig, ...args: readonly string[]) {
  const running = rig.start(...args);
  const timer = setTimeout(() => running.kill('SIGKILL'), MOST_MS);
  const ended = await running.ended;
  clearTimeout(timer);
  expect({ args, hangs: ended.exit === -1, isBug: ended.exit === 70 }).toEqual({ args, hangs: false, isBug: false });
  return { exit: ended.exit, text: ended.stdout + ended.stderr };
}

async function writeParquet(path: string, select: string): Promise<void> {
  const connection = await DuckDBConnection.create();
  await connection.run(`COPY (SELECT ${select}) TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
}

function pipeAt(rig: Rig, path: string): void {
  mkdirSync(dirname(join(rig.root, path)), { recursive: true });
  rmSync(join(rig.root, path), { recursive: true, force: true });
  execFileSync('mkfifo', [join(rig.root, path)]);
}

describe('a pipe in the place of', () => {
  it.each([
    ['.git', false],
    ['.git/HEAD', false],
    ['.git/index', false],
    ['.git/packed-refs', false],
    ['.git/config', false],
    ['.git/info/exclude', false],
    ['.git/info/attributes', false],
    ['.gitignore', true],
    ['.gitattributes', true],
    ['.gitmodules', true],
    ['deep/er/.gitignore', true],
    ['refit.yaml', true],
    ['pipelines/p.yaml', true],
    ['pipelines/q.yaml', false],
    ['schema.yaml', true],
    ['in.txt', true],
    ['data/y.csv', false],
    ['package-lock.json', false],
    ['requirements.txt', false],
    ['m.json', false],
  ])(
    '%s stops no command',
    async (path, isNamed) => {
      using rig = createRig(FILES);
      git(rig.root, 'init', '-q');
      git(rig.root, 'add', '-A');
      git(rig.root, 'commit', '-qm', 'all');
      pipeAt(rig, path);
      const ran = await answered(rig, 'run', 'p');
      if (isNamed) expect(ran.text).toContain(path);
      for (const args of [['status'], ['plan', 'p'], ['check-data', 'p'], ['doctor']]) await answered(rig, ...args);
    },
    120_000,
  );
});

describe('a file of a CI runner that cannot be written', () => {
  it.each([
    ['in a folder that is not there', '/no/such/folder/file'],
    ['that is a folder', '/tmp'],
    ['that is a full disk', '/dev/full'],
    ['that is a pipe nobody reads', 'pipe'],
  ])('%s is a warning: the command has done its work', async (_, path) => {
    using rig = createRig(FILES, {
      GITHUB_ACTIONS: 'true',
      GITHUB_OUTPUT: path,
      GITHUB_STEP_SUMMARY: path,
    });
    pipeAt(rig, 'pipe');
    rig.write({ 'pipelines/p.yaml': FILES['pipelines/p.yaml'].replace(', metrics: m.json', '') });
    const ran = await answered(rig, 'run', 'p');
    expect(ran.exit, ran.text).toBe(0);
    expect(ran.text).toContain('which GITHUB_OUTPUT names, could not be written');
    expect(ran.text).toContain('which GITHUB_STEP_SUMMARY names, could not be written');
  });
});

describe('a table that is too wide or too deep', () => {
  const WIDE = 100_000;
  const object = JSON.stringify(Object.fromEntries(Array.from({ length: WIDE }, (_, i) => [`c${i}`, i])));
  const row = Array.from({ length: WIDE }, (_, i) => `c${i}`).join(',');
  it.each([
    ['wide.csv', `${row}\n${row.replaceAll('c', '')}\n`, 'wide.csv, line 1'],
    ['commas.csv', `${','.repeat(1_000_000)}\n`, 'commas.csv, line 1'],
    ['wide.tsv', `a\n${row}\n`.replaceAll(',', '\t').replace('a\n', ''), 'wide.tsv, line 1'],
    ['wide.jsonl', `{"a":1}\n${object}\n`, 'wide.jsonl, line 2'],
    ['wide.json', `[${object}]`, 'wide.json, line 1'],
    ['nested.jsonl', `{"a":${object}}\n`, 'nested.jsonl, line 1'],
    ['keys.jsonl', Array.from({ length: 20_000 }, (_, i) => `{"k${i}":1}\n`).join(''), 'keys.jsonl, line 5001'],
    ['deep.jsonl', `{"a":1}\n{"a":${'['.repeat(900)}${']'.repeat(900)}}\n`, 'line 2 are nested deeper'],
  ])('%s is named with its line', async (name, text, words) => {
    using rig = createRig({ ...FILES, [name]: text });
    const { exit, text: said } = await answered(rig, 'check-data', name);
    expect(exit).toBe(4);
    expect(said).toContain(words);
  });

  it.each([
    ['columns', Array.from({ length: 50_000 }, (_, i) => `${i} AS c${i}`).join(', ')],
    ['fields of a column', `{${Array.from({ length: 20_000 }, (_, i) => `c${i}: ${i}`).join(', ')}} AS a`],
  ])(
    'is named where it is a Parquet file of too many %s',
    async (_, select) => {
      using rig = createRig(FILES);
      await writeParquet(join(rig.root, 'wide.parquet'), select);
      const { exit, text } = await answered(rig, 'check-data', 'wide.parquet');
      expect(exit).toBe(4);
      expect(text).toContain('more than 5000 columns');
      await writeParquet(join(rig.root, 'fine.parquet'), '1 AS a');
      expect(await answered(rig, 'check-data', 'fine.parquet')).toMatchObject({ exit: 0 });
    },
    60_000,
  );

  it.each([
    ['a broken row of 100,000 fields', 'row.csv', `a,b\n${row}\n1,2\n`, 4],
    ['long lists', 'list.jsonl', `{"a":[${'{"x":1},'.repeat(9000)}{"x":2}]}\n`.repeat(3), 0],
    ['a text of many commas', 'text.csv', `text\n${`"${'a,'.repeat(9000)}"\n`.repeat(5)}`, 0],
    ['90 levels', 'deep.jsonl', `{"a":${'{"a":'.repeat(90)}1${'}'.repeat(90)}}\n`, 0],
  ])('%s is none', async (_, name, text, exit) => {
    using rig = createRig({ ...FILES, [name]: text });
    expect(await answered(rig, 'check-data', name)).toMatchObject({ exit });
  });
});

describe('SQL of a pipeline file that does not end', () => {
  const slow = (path: string, checks: string): Readonly<Record<string, string>> => ({
    'x.csv': 'a\n1\n2\n',
    'pipelines/p.yaml': `pipeline: p
datasets: { q: { path: ${path}${checks} } }
steps: { s: { run: 'true', inputs: ["\${{ datasets.q }}"], outputs: [o] } }
`,
  });
  const ENDLESS =
    '{ query: "SELECT count(*) AS n FROM range(1000000) a, range(1000000) b WHERE a.range * b.range % 7 = 3" }';
  it.each([
    ['check-data', ENDLESS, ''],
    ['plan', ENDLESS, ''],
  ])(
    'is stopped in %s',
    async (command, path, checks) => {
      using rig = createRig({ ...slow(path, checks), '.refit/keep': '' }, { REFIT_QUERY_SECONDS: '1' });
      const { exit, text } = await answered(rig, command, 'p');
      expect(exit, text).toBe(4);
      expect(text).toMatch(/REFIT_QUERY_SECONDS|Out of Memory/);
    },
    60_000,
  );

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'is ended in a run by %s',
    async (signal) => {
      using rig = createRig(slow(ENDLESS, ''));
      const running = rig.start('run', 'p', '--verbose');
      const timer = setTimeout(() => running.kill('SIGKILL'), MOST_MS);
      await new Promise((done) => setTimeout(done, 3000));
      running.kill(signal);
      const { exit } = await running.ended;
      clearTimeout(timer);
      expect([130, 143, -1]).toContain(exit);
    },
    60_000,
  );
});
