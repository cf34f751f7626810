import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openDatasets } from '../support/datasets.js';

const rows = (count: number) => `SELECT r AS a, r * 0.5 AS b, 'v' || r % 7 AS c FROM range(${count}) AS t(r)`;
const source = (count: number) => ({ from: { kind: 'query', sql: rows(count), name: 'rows' } }) as const;

it.each([0, 1, 30])(
  'stops reading a profile that nobody waits for, but not those that others wait for (%i turns later)',
  async (turns) => {
    const folder = mkdtempSync(join(tmpdir(), 'refit-given-up-'));
    const file = join(folder, 'long.parquet');
    await using datasets = openDatasets(folder);
    expect(await datasets.copyCut(source(3_000_000), file)).toMatchObject({ ok: true });
    const long = { from: { kind: 'files', paths: [file] } } as const;
    const asked = new AbortController();
    const [unwanted, wanted] = [datasets.profile(long, undefined, asked.signal), datasets.profile(long)];
    for (let i = 0; i < turns; i++) await new Promise(setImmediate);
    asked.abort();
    expect(await unwanted).toMatchObject({ ok: false, error: { code: 'data-unreadable' } });
    expect(await wanted).toMatchObject({ ok: true, value: { rows: 3_000_000 } });
    rmSync(folder, { recursive: true });
  },
);

it('profiles long tables with one number column, and with none', async () => {
  await using datasets = openDatasets();
  const profile = (columns: string) =>
    datasets.profile({ from: { kind: 'query', sql: `SELECT ${columns} FROM range(70000) AS t(r)` } });
  const one = await profile('r AS a');
  expect(one).toMatchObject({ ok: true, value: { columns: [{ name: 'a', numeric: { min: 0, max: 69_999 } }] } });
  expect(await profile("'x' AS c")).toMatchObject({ ok: true, value: { columns: [{ name: 'c', distinct: 1 }] } });
});
