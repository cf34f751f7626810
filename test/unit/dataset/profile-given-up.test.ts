import { expect, it } from 'vitest';
import { createDatasets } from '../../../src/dataset/datasets.js';

const rows = (count: number) => `SELECT r AS a, r * 0.5 AS b, 'v' || r % 7 AS c FROM range(${count}) AS t(r)`;
const source = (count: number, name = 'rows') => ({ from: { kind: 'query', sql: rows(count), name } }) as const;

it.each([0, 1, 30])('gives up a profile that nobody wants any more, and reads on (%i turns later)', async (turns) => {
  await using datasets = createDatasets();
  if (turns > 0) await datasets.countRows(source(1));
  const asked = new AbortController();
  // would take minutes
  const long = datasets.profile(source(2e9, 'long'), undefined, asked.signal);
  for (let i = 0; i < turns; i++) await new Promise(setImmediate);
  asked.abort();
  expect(await long).toMatchObject({ ok: false, error: { code: 'data-unreadable', source: 'long' } });
  expect(await datasets.profile(source(100_000))).toMatchObject({ ok: true, value: { rows: 100_000 } });
});

it('profiles long tables of one number column, and of none', async () => {
  await using datasets = createDatasets();
  const profile = (columns: string) =>
    datasets.profile({ from: { kind: 'query', sql: `SELECT ${columns} FROM range(70000) AS t(r)` } });
  const one = await profile('r AS a');
  expect(one).toMatchObject({ ok: true, value: { columns: [{ name: 'a', numeric: { min: 0, max: 69_999 } }] } });
  expect(await profile("'x' AS c")).toMatchObject({ ok: true, value: { columns: [{ name: 'c', distinct: 1 }] } });
});
