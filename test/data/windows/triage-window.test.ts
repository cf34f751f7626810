import { expect, it } from 'vitest';
import { triage } from '../../../src/data/judge/triage.js';
import type { Past } from '../../../src/data/windows/past-windows.js';
import { triageWindow } from '../../../src/data/windows/triage-window.js';
import type { TableProfile } from '../../../src/domain/data/profile.js';
import { ok } from '../../../src/domain/support/result.js';
import { instantOf } from '../../../src/domain/support/time.js';
import { openDatasets } from '../../support/datasets.js';
import { normals, table, times } from '../judge/profiles.js';

/** What triage asks for: earlier windows, and rows of both sides, which means reading the reference's own file. */
async function readBy(reference: TableProfile, current: TableProfile, past?: Past): Promise<readonly string[]> {
  const read: string[] = [];
  await using datasets = openDatasets('.');
  const triaged = await triageWindow({ datasets }, [reference, current], {
    ignore: [],
    current: { from: { kind: 'query', sql: 'SELECT 1 AS x', name: 'current' } },
    findDataBugs: (before, now, options) => triage({ ...options, reference: before, current: now }),
    past: async () => {
      read.push('past');
      return ok(past);
    },
    rows: async () => {
      read.push('rows');
      return ok(undefined);
    },
  });
  expect(triaged).toMatchObject({ ok: true, value: { bugs: [], unclear: [] } });
  return read;
}

const x = (seed: number, rows: number) => table({ x: normals(seed, rows) });
const EMPTY: Past = {
  table: { from: { kind: 'query', sql: "SELECT TIMESTAMP '2026-01-01' AS at", name: 'past' }, timeColumn: 'at' },
  end: instantOf(Date.parse('2026-01-02')),
  lengthMs: 86_400_000,
};

it.each([
  ['as many rows', x(1, 1000), x(2, 1000), undefined, []],
  ['few rows without earlier windows', x(1, 1000), x(2, 100), undefined, ['past']],
  ['few rows beside earlier windows', x(1, 1000), x(2, 100), EMPTY, ['past', 'rows']],
  ['just below six tenths', x(1, 1000), x(2, 599), EMPTY, ['past', 'rows']],
  ['six tenths', x(1, 1000), x(2, 600), EMPTY, []],
  [
    'as many rows a day',
    { ...x(1, 1000), time: times('2026-01-01', '2026-01-11') },
    { ...x(2, 100), time: times('2026-01-11', '2026-01-12') },
    EMPTY,
    [],
  ],
])('of %s it reads what can say more', async (_, reference, current, past, expected) => {
  expect(await readBy(reference, current, past)).toEqual(expected);
});
