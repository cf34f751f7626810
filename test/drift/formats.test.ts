import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it } from 'vitest';
import type { TableProfile } from '../../src/domain/data/profile.js';
import { METHOD_NAMES } from '../../src/domain/pipeline/drift-method.js';
import { compareTables } from '../../src/drift/judge/judge-table.js';
import { openDatasets } from '../support/datasets.js';
import { createRig, type Document, type Rig } from '../support/rig.js';

/** Writes each query's rows under its name in the format of its ending. */
async function write(rig: Rig, tables: Readonly<Record<string, string>>): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const [name, select] of Object.entries(tables))
    await connection.run(`COPY (${select}) TO '${rig.root}/${name}' ${name.endsWith('.jsonl') ? '(FORMAT json)' : ''}`);
  connection.closeSync();
  instance.closeSync();
}

/** 2,000 rows; x runs through the same values in another order for every seed, c through three categories. */
const rows = (seed: number, x = 'x', c = 'c', count = 2000): string =>
  `SELECT ${x}, ${c} FROM (SELECT sqrt(-2 * ln((hash(r + ${seed * 1_000_000}) % 99991 + 0.5) / 99991)) * cos(r::DOUBLE) AS x,
     'v' || (r % 3) AS c, r FROM range(${count}) AS rows(r))`;

const BROKEN: Readonly<Record<string, readonly [select: string, kind: string | undefined]>> = {
  null: [rows(2, 'NULL::DOUBLE AS x'), 'all-missing'],
  nan: [rows(2, "'nan'::DOUBLE AS x"), 'all-missing'],
  half: [rows(2, "CASE WHEN r % 2 = 0 THEN 'nan'::DOUBLE ELSE x END AS x"), 'missing-rose'],
  dropped: [rows(2, 'c AS d'), 'missing-column'],
  constant: [rows(2, '7.5 AS x'), 'constant'],
  retyped: [rows(2, "'t' || x AS x"), 'type-changed'],
  cased: [rows(2, 'x AS "X"'), 'missing-column'],
  renamed: [rows(2, 'x AS "x value; --"'), 'missing-column'],
  empty: [`${rows(2)} WHERE false`, 'empty'],
  added: [rows(2, 'x, r AS "new ""column"""'), undefined],
};

it.each(['csv', 'parquet', 'jsonl'])('calls every broken column of %s a finding, and never throws', async (ending) => {
  using rig = createRig();
  await write(rig, {
    [`a.${ending}`]: rows(1),
    ...Object.fromEntries(Object.entries(BROKEN).map(([name, [select]]) => [`${name}.${ending}`, select])),
  });
  for (const [name, [, kind]] of Object.entries(BROKEN)) {
    const ended = await rig.refit(
      'check-drift',
      '--reference',
      `a.${ending}`,
      '--current',
      `${name}.${ending}`,
      '--json',
    );
    const document: Document = JSON.parse(ended.stdout);
    // JSON lines without a row have no columns, and a column of nulls no type: what is found is then the coarser fault
    const kinds = document.data_bugs.map((bug: Document) => bug.kind);
    if (kind === undefined) expect([name, kinds, document.warnings[0].code]).toEqual([name, [], 'new-column']);
    else expect([name, kinds, ended.exit]).toEqual([name, expect.arrayContaining([kind]), 4]);
  }
});

it('judges NaN as it judges missing values, and names their rows', async () => {
  using rig = createRig();
  const missing = (value: string): string => rows(2, `CASE WHEN r % 5 = 0 THEN ${value} ELSE x END AS x`);
  await write(rig, { 'a.parquet': rows(1), 'nan.parquet': missing("'nan'::DOUBLE"), 'null.parquet': missing('NULL') });
  for (const current of ['nan.parquet', 'null.parquet']) {
    const document = await rig.json(3, 'check-drift', '--reference', 'a.parquet', '--current', current);
    expect(document.features.find((one: Document) => one.name === 'x')).toMatchObject({ verdict: 'unclear' });
    expect(document.unclear).toMatchObject([{ kind: 'missing-rose', rows: 400 }]);
  }
});

it('reads files of different columns and formats as one table', async () => {
  using rig = createRig();
  await write(rig, {
    'a.parquet': rows(1, 'x', 'c', 4000),
    'b1.parquet': rows(2),
    'b2.csv': rows(3, 'x, 1 AS extra'),
    'b3.jsonl': rows(4),
  });
  const document = await rig.json(
    0,
    ...['check-drift', '--reference', 'a.parquet', '--current', 'b1.parquet', 'b2.csv', 'b3.jsonl'],
  );
  expect(document).toMatchObject({ verdict: 'stable', total: 2, current: { rows: 6000 } });
  expect(document.warnings[0]).toMatchObject({ code: 'new-column', column: 'extra' });
});

it('warns of columns that only some Parquet files have, and names a file that shares none', async () => {
  using rig = createRig({ 'late.yaml': 'columns: { new: { optional: true }, code: { optional: true } }\n' });
  await write(rig, {
    '1.parquet': "SELECT 1 AS id, 'anna' AS name, 5 AS old, {'x': 1, 'y': [2]} AS at",
    '2.parquet': "SELECT 2 AS \"ID\", {'y': [3]} AS at, 'bob' AS name, 6 AS old",
    '3.parquet': "SELECT 3 AS id, 'carl' AS name, 7 AS new, 8 AS code, {'x': 1, 'y': [2]} AS at",
    'other.parquet': 'SELECT 1 AS x, 2 AS y',
  });
  const found = async (exit: number, ...args: readonly string[]) =>
    (await rig.json(exit, 'check-data', '1.parquet', '2.parquet', '3.parquet', ...args)).problems.map(
      ({ code, detail }: Record<string, string>) => [code, detail],
    );
  expect(await found(0)).toEqual([
    ['partial-columns', 'some files lack columns: old is not in 3.parquet; new, code are only in 3.parquet'],
  ]);
  expect(await found(0, '--schema', 'late.yaml', '--ignore', 'old')).toEqual([]);
  expect((await found(4, 'other.parquet'))[0]).toEqual([
    'unrelated-files',
    expect.stringContaining('other.parquet (x, y) shares no column with the others'),
  ]);
});

it('names whole numbers of a Parquet file that the floats of another one round', async () => {
  using rig = createRig();
  await write(rig, {
    'ids.parquet': 'SELECT 9007199254740992 + r AS id, r AS n, (16777216 + r)::INTEGER AS small FROM range(10) AS t(r)',
    'floats.parquet': 'SELECT 1::DOUBLE AS id, 1::DOUBLE AS n, 1::FLOAT AS small',
    'doubles.parquet': 'SELECT 1::BIGINT AS id, 1::DOUBLE AS small',
  });
  const found = async (...files: readonly string[]) =>
    (await rig.json(0, 'check-data', ...files)).problems
      .filter((one: Document) => one.code === 'rounded-numbers')
      .map(({ column, detail, severity }: Document) => [column, severity, detail.split(':')[0]]);
  expect(await found('ids.parquet', 'floats.parquet')).toEqual([
    ['id', 'warning', '5 whole numbers of it lose their last digits'],
    ['small', 'warning', '5 whole numbers of it lose their last digits'],
  ]);
  expect(await found('ids.parquet', 'doubles.parquet')).toEqual([]);
});

const WILD = ['1e6', '1e300', '-1e300', "'inf'::DOUBLE"];

it.each(WILD)('changes no verdict of any method for one value of %s on either side', async (value) => {
  using rig = createRig();
  const wild = (seed: number, shift = 0): string =>
    rows(seed, `CASE WHEN r = 7 THEN ${value} ELSE x + ${shift} END AS x`);
  await write(rig, {
    'a.parquet': rows(1),
    'a-wild.parquet': wild(1),
    'same.parquet': rows(2),
    'same-wild.parquet': wild(2),
    'moved.parquet': rows(3, 'x + 0.6 AS x'),
    'moved-wild.parquet': wild(3, 0.6),
  });
  await using datasets = openDatasets();
  const profile = async (name: string, reference?: TableProfile): Promise<TableProfile> => {
    const from = { kind: 'files', paths: [`${rig.root}/${name}.parquet`] } as const;
    const read = await datasets.profile({ from }, reference);
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    return read.value;
  };
  for (const [reference, current, verdict] of [
    ['a-wild', 'same', 'stable'],
    ['a', 'same-wild', 'stable'],
    ['a-wild', 'moved', 'drift'],
    ['a', 'moved-wild', 'drift'],
  ] as const) {
    const before = await profile(reference);
    const now = await profile(current, before);
    for (const table of METHOD_NAMES) {
      const compared = compareTables(before, now, { ignore: [], dataBugs: [], methods: { table, columns: {} } });
      expect([reference, current, table, compared.verdict]).toEqual([reference, current, table, verdict]);
    }
  }
});

it('gives the same document for the same rows, byte for byte, whichever thread read them', async () => {
  using rig = createRig();
  const many = (seed: number): string => rows(seed, 'x, x * x AS y', 'c', 400_000);
  await write(rig, { 'a.parquet': many(1), 'b.parquet': many(2), 'b.csv': many(2) });
  for (const current of ['b.parquet', 'b.csv']) {
    const args = ['--reference', 'a.parquet', '--current', current, '--classifier', '--segment', 'c', '--json'];
    const [first, second] = [await rig.refit('check-drift', ...args), await rig.refit('check-drift', ...args)];
    expect(second.stdout).toBe(first.stdout);
  }
});

it('names in one sentence the segment that moves while the table is stable', async () => {
  using rig = createRig();
  // two slices move against each other
  const crossed = rows(2, "CASE c WHEN 'v0' THEN x + 0.4 WHEN 'v1' THEN x - 0.4 ELSE x END AS x", 'c', 6000);
  await write(rig, { 'a.parquet': rows(1, 'x', 'c', 6000), 'b.parquet': crossed });
  const args = ['--reference', 'a.parquet', '--current', 'b.parquet', '--segment', 'c'];
  const document = await rig.json(0, 'check-drift', ...args);
  expect(document.verdict).toBe('stable');
  expect(document.detail).toMatch(/^\d of 3 segments drift, the table as a whole does not: c=v/);
});
