import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.js';

let outside: string;
beforeAll(() => {
  outside = mkdtempSync(join(tmpdir(), 'refit-outside-'));
  writeFileSync(join(outside, 'private.csv'), 'a,b\n41,private words\n');
});
afterAll(() => rmSync(outside, { recursive: true }));

const STEP = 'steps: { s: { run: "true", inputs: [], outputs: [] } }\n';
const withRule = (rule: string): Readonly<Record<string, string>> => ({
  'data/x.csv': 'a,b\n1,2\n',
  'pipelines/p.yaml': `pipeline: p\ndatasets:\n  d: { path: data/x.csv, checks: { rules: [${JSON.stringify(rule)}] } }\n${STEP}`,
});
const withQuery = (query: string): Readonly<Record<string, string>> => ({
  'data/x.csv': 'a,b\n1,2\n',
  'pipelines/p.yaml': `pipeline: p\ndatasets:\n  d: { path: { query: ${JSON.stringify(query)} } }\n${STEP}`,
});

async function outputOf(rig: Rig, ...args: readonly string[]): Promise<{ exit: number; text: string }> {
  const { exit, stdout, stderr } = await rig.refit(...args);
  return { exit, text: stdout + stderr };
}

describe('a rule', () => {
  const COPY = "COPY (SELECT 1) TO 'stolen.csv'";
  it.each([
    `true; ${COPY}`,
    `true); ${COPY}; SELECT (true`,
    `true OR (SELECT 1 AS a$$) IS NULL) IS NOT TRUE)))::DOUBLE AS n; ${COPY}; SELECT (count(*) FILTER (WHERE ((true -- $$)`,
    `a > 0)) FROM range(1) -- `,
    `a > 0 FROM range(1)`,
    `a > 0, b > 0`,
    COPY,
    `'\\'; ${COPY}; --'`,
  ])('may not be %s', async (rule) => {
    using rig = createRig(withRule(rule));
    for (const command of ['validate', 'check-data', 'plan']) {
      const { exit, text } = await outputOf(rig, command, 'p');
      // `'\'; …'` is one text for DuckDB: it is no condition, and nothing of it is run.
      if (!rule.startsWith("'")) expect({ command, exit, text }).toMatchObject({ exit: 2 });
      expect(rig.has('stolen.csv')).toBe(false);
    }
  });

  it('may not read a file outside the workspace', async () => {
    using rig = createRig(withRule(`(SELECT max(a) FROM '${outside}/private.csv') <> 41`));
    const { exit, text } = await outputOf(rig, 'check-data', 'p');
    expect(exit).not.toBe(0);
    expect(text).toContain('outside the workspace');
  });
});

describe('a query', () => {
  it.each([
    "SELECT 1 AS a; COPY (SELECT 1) TO 'stolen.csv'",
    "SELECT 1 AS a) AS x; COPY (SELECT 1) TO 'stolen.csv'; SELECT * FROM (SELECT 1 AS a",
    "COPY (SELECT 1) TO 'stolen.csv'",
    "ATTACH 'stolen.csv' AS other",
    'INSTALL httpfs',
    'SET enable_external_access = true',
    'PRAGMA database_list',
  ])('may not be %s', async (query) => {
    using rig = createRig(withQuery(query));
    for (const command of ['validate', 'check-data', 'plan']) {
      const { exit, text } = await outputOf(rig, command, 'p');
      expect({ command, exit, text }).toMatchObject({ exit: 2, text: expect.stringContaining('not-a-query') });
      expect(rig.has('stolen.csv')).toBe(false);
    }
  });

  it('reads files of the workspace', async () => {
    using rig = createRig(withQuery("SELECT * FROM read_csv('data/x.csv')"));
    expect((await outputOf(rig, 'check-data', 'p')).exit).toBe(0);
  });

  it.each([
    (path: string) => `SELECT * FROM read_csv('${path}')`,
    (path: string) => `SELECT * FROM '${path}'`,
    (path: string) => `SELECT content AS a FROM read_text('${path}')`,
    (path: string) => `SELECT file AS a FROM glob('${path.replace(/[^/]+$/, '*')}')`,
    (path: string) => `SELECT * FROM sniff_csv('${path}')`,
  ])('may not read a file outside the workspace: %s', async (query) => {
    for (const path of [`${outside}/private.csv`, `data/../../${outside.split('/').at(-1)}/private.csv`]) {
      using rig = createRig(withQuery(query(path)));
      const { exit, text } = await outputOf(rig, 'check-data', 'p', '--json');
      expect(text).not.toContain('private words');
      expect({ exit, text }).toMatchObject({ exit: 4 });
    }
  });

  it('may not follow a link that leads outside', async () => {
    using rig = createRig(withQuery("SELECT * FROM read_csv('data/link.csv')"));
    rig.link('data/link.csv', join(outside, 'private.csv'));
    expect(await outputOf(rig, 'check-data', 'p')).toMatchObject({
      exit: 4,
      text: expect.stringContaining('outside the workspace'),
    });
  });

  it('sees no variable of the environment', async () => {
    using rig = createRig(withQuery("SELECT getenv('HOME') AS a"));
    const { exit, text } = await outputOf(rig, 'check-data', 'p', '--json');
    expect(text).not.toContain(process.env.HOME ?? 'no home');
    expect(exit).toBe(4);
  });
});

describe('a linked data file', () => {
  const LINKED = `pipeline: p\ndatasets: { d: { path: data/link.csv } }\n${STEP}`;

  it('is not read if it leads outside the workspace', async () => {
    using rig = createRig({ 'pipelines/p.yaml': LINKED, 'data/keep': '' });
    rig.link('data/link.csv', join(outside, 'private.csv'));
    const { exit, text } = await outputOf(rig, 'check-data', 'p');
    expect({ exit, text }).toMatchObject({ exit: 4, text: expect.stringContaining('outside the workspace') });
    expect(text).toContain(`list ${outside} under "roots" in refit.yaml`);
  });

  it.each(['folder', 'file', 'relative'] as const)('is read if roots in refit.yaml allows it by a %s', async (by) => {
    using rig = createRig({ 'pipelines/p.yaml': LINKED, 'data/keep': '' });
    const given = { folder: outside, file: join(outside, 'private.csv'), relative: `../${outside.split('/').at(-1)}` }[
      by
    ];
    rig.write({ 'refit.yaml': `roots: [${given}]\n` });
    rig.link('data/link.csv', join(outside, 'private.csv'));
    expect(await outputOf(rig, 'check-data', 'p')).toMatchObject({ exit: 0 });
  });

  it('is read if it leads to another place in the workspace', async () => {
    using rig = createRig({ 'pipelines/p.yaml': LINKED, 'raw/x.csv': 'a,b\n1,2\n', 'data/keep': '' });
    rig.link('data/link.csv', '../raw/x.csv');
    expect(await outputOf(rig, 'check-data', 'p')).toMatchObject({ exit: 0 });
  });

  it('is read if the command line names it', async () => {
    using rig = createRig({ 'data/keep': '' });
    rig.link('data/link.csv', join(outside, 'private.csv'));
    expect(await outputOf(rig, 'check-data', 'data/link.csv')).toMatchObject({ exit: 0 });
    expect(await outputOf(rig, 'check-data', join(outside, 'private.csv'))).toMatchObject({ exit: 0 });
    expect(await outputOf(rig, 'check-data', join(outside, '*.csv'))).toMatchObject({ exit: 0 });
  });
});

/** Node cannot pack with zstd: one text without quotes and delimiters is a line of CSV, which DuckDB writes packed. */
function packWithDuckDb(rig: Rig, name: string): void {
  const script = `
    const { DuckDBInstance } = require('@duckdb/node-api');
    const deep = require('node:fs').readFileSync(process.argv[1], 'utf8');
    (async () => {
      const connection = await (await DuckDBInstance.create(':memory:')).connect();
      await connection.run("CREATE TABLE t AS SELECT '" + deep + "' AS a");
      await connection.run("COPY t TO '" + process.argv[2] + "' (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '|', COMPRESSION zstd)");
    })();`;
  execFileSync(process.execPath, ['-e', script, join(rig.root, 'deep.json'), join(rig.root, name)]);
}

describe('nested JSON', () => {
  it.each([
    ['objects', '{"b":', '}'],
    ['lists', '[', ']'],
    ['objects in lists', '[{"b":', '}]'],
  ])('that is 50,000 %s deep is refused', async (_, open, close) => {
    const deep = open.repeat(50_000) + (open === '[' ? '' : '1') + close.repeat(50_000);
    using rig = createRig({ 'x.json': `[{"a":${deep}}]`, 'x.jsonl': `{"a":1}\n{"a":${deep}}\n` });
    const json = await outputOf(rig, 'check-data', 'x.json');
    expect(json).toMatchObject({ exit: 4, text: expect.stringContaining('line 1 are nested deeper than 100') });
    const lines = await outputOf(rig, 'check-data', 'x.jsonl');
    expect(lines).toMatchObject({ exit: 4, text: expect.stringContaining('line 2 are nested deeper than 100') });
  });

  const DEEP = `[{"a":${'{"b":'.repeat(50_000)}1${'}'.repeat(50_000)}}]`;

  it.each([
    "SELECT * FROM read_json('deep.json')",
    "SELECT * FROM read_json_auto(['x.json', 'deep.json'])",
    "SELECT * FROM 'deep.json'",
    "WITH t AS (SELECT 1) SELECT * FROM t, (SELECT * FROM read_ndjson('de*.json'))",
    "SELECT * FROM read_json('deep.json.gz')",
    "SELECT * FROM read_json('deep.json.zst')",
    "SELECT * FROM read_json('de' || 'ep.json')",
    "SELECT * FROM query('SELECT * FROM ''deep.json''')",
    'SELECT 1 WHERE (SELECT count(*) FROM "deep.json") > 0',
  ])('is refused in the query %s', async (query) => {
    using rig = createRig({ ...withQuery(query), 'x.json': '[{"a":1}]', 'deep.json': DEEP });
    writeFileSync(join(rig.root, 'deep.json.gz'), gzipSync(DEEP));
    if (query.includes('.zst')) packWithDuckDb(rig, 'deep.json.zst');
    const { exit, text } = await outputOf(rig, 'check-data', 'p');
    expect(exit).toBe(2);
    expect(text).toMatch(/nested deeper than 100|write them as texts|write the query itself/);
  });

  it('is refused in a rule, and in packed files', async () => {
    using rig = createRig(withRule("a < (SELECT count(*) FROM 'deep.json')"));
    rig.write({ 'deep.json': DEEP });
    expect(await outputOf(rig, 'check-data', 'p')).toMatchObject({ exit: 2 });
    writeFileSync(join(rig.root, 'packed.json.gz'), gzipSync(DEEP));
    const packed = await outputOf(rig, 'check-data', 'packed.json.gz');
    expect(packed).toMatchObject({ exit: 4, text: expect.stringContaining('nested deeper than 100') });
  });

  it('that is flat is read by a query of a user', async () => {
    using rig = createRig({ ...withQuery("SELECT * FROM read_json('x.json')"), 'x.json': '[{"a":1}]' });
    expect(await outputOf(rig, 'check-data', 'p')).toMatchObject({ exit: 0 });
  });

  it('may hold brackets in its texts', async () => {
    using rig = createRig({ 'x.jsonl': `{"a":"\\"${'['.repeat(5000)}"}\n{"a":"b"}\n`.repeat(3) });
    expect(await outputOf(rig, 'check-data', 'x.jsonl')).toMatchObject({ exit: 0 });
  });
});

describe('a file that configures refit', () => {
  const OF_SCHEMA = `pipeline: p\ndatasets:\n  d: { path: data/x.csv, checks: { schema: schema.yaml } }\n${STEP}`;

  it.each(['pipelines/p.yaml', 'schema.yaml', 'refit.yaml'])(
    'is not shown where %s leads out of the workspace',
    async (file) => {
      using rig = createRig({
        'data/x.csv': 'a,b\n1,2\n',
        'pipelines/p.yaml': OF_SCHEMA,
        'schema.yaml': 'columns: {}\n',
      });
      rig.link(file, join(outside, 'private.csv'));
      for (const command of [['validate', 'p'], ['check-data', 'p'], ['status']]) {
        const { exit, text } = await outputOf(rig, ...command);
        if (command[0] === 'check-data' && file !== 'refit.yaml') expect(exit).not.toBe(0);
        expect({ command, exit, text }).toMatchObject({ text: expect.not.stringContaining('private words') });
        expect(exit).not.toBe(70);
      }
    },
  );

  it('is read where a root allows it', async () => {
    const shared = mkdtempSync(join(tmpdir(), 'refit-shared-'));
    writeFileSync(join(shared, 'schema.yaml'), 'columns: { a: { max: 0 } }\n');
    using rig = createRig({
      'data/x.csv': 'a,b\n1,2\n',
      'pipelines/p.yaml': OF_SCHEMA,
      'refit.yaml': `roots: [${shared}]\n`,
    });
    rig.link('schema.yaml', join(shared, 'schema.yaml'));
    expect(await outputOf(rig, 'check-data', 'p')).toMatchObject({ exit: 4, text: expect.stringContaining('above 0') });
    rmSync(shared, { recursive: true });
  });
});
