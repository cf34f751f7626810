import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TableSource } from '../../src/domain/ports/datasets.js';
import { fromIso } from '../../src/domain/support/time.js';
import { openDatasets } from '../support/datasets.js';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'refit-copy-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function copied(name: string, text: string, cut: Partial<TableSource>): Promise<string> {
  writeFileSync(join(folder, name), text);
  await using datasets = openDatasets(folder);
  const to = join(folder, `copy-${name}`);
  const source: TableSource = { from: { kind: 'files', paths: [join(folder, name)] }, timeColumn: 'at', ...cut };
  const written = await datasets.copyCut(source, to);
  if (!written.ok) throw new Error(JSON.stringify(written.error));
  return readFileSync(to, 'utf8');
}

const UNTIL = fromIso('2026-03-03T00:00:00.000Z');

/** A file whose rows are of March 1, 2, 3 … in this spelling, and the same without those from March 3 on. */
const CASES: readonly (readonly [name: string, head: string, row: (day: number) => string, tail: string])[] = [
  ['de.csv', 'at;plz;preis\r\n', (day) => `0${day}.03.2026;0100${day};1,50\r\n`, ''],
  ['us.csv', 'at,ok\n', (day) => `3/${day}/2026,TRUE\n`, '3/28/2026,FALSE\n'],
  ['offset.csv', 'at,v\n', (day) => `2026-03-0${day}T01:00:00+02:00,1.10\n`, ''],
  ['quoted.csv', '"at","note"\n', (day) => `"2026-03-0${day}","he said ""no""\nand ${day}"\n`, ''],
  ['account.csv', '\uFEFFat,id\n', (day) => `2026-03-0${day},1234567890123456789${day}\n`, ''],
  ['comment.csv', '# made by hand\n\nat,id\n', (day) => `2026-03-0${day},00${day}\n`, ''],
  ['tabs.tsv', 'at\tv\n', (day) => `2026-03-0${day}\t1e0\n`, ''],
  ['lines.jsonl', '', (day) => `{"at": "2026-03-0${day}T00:00:00Z",  "v":1.50, "id": 12345678901234567890}\n`, ''],
];

it.each(CASES)('keeps the bytes of the rows that it keeps: %s', async (name, head, row, tail) => {
  const rows = [1, 2, 3, 4].map(row);
  const kept = name === 'offset.csv' ? rows.slice(0, 3) : rows.slice(0, 2);
  expect(await copied(name, `${head}${rows.join('')}${tail}`, { until: UNTIL })).toBe(`${head}${kept.join('')}`);
});

it('keeps the elements of a JSON array as they are written', async () => {
  const rows = [1, 2, 3].map((day) => `{"at": "2026-03-0${day}", "s": "x]}, \\"${day}", "v": [1.50, {"a": "}"}]}`);
  const text = await copied('array.json', `[\n${rows.join(',\n  ')}\n]`, { until: UNTIL });
  for (const row of rows.slice(0, 2)) expect(text).toContain(row);
  expect(JSON.parse(text)).toHaveLength(2);
});

it('leaves out rows by condition, wherever they are', async () => {
  const rows = ['2026-03-01,1.0', '2026-03-02,9.90', '2026-03-03,1.00', '2026-03-04,"2"'];
  const without = [
    { rows: { kind: 'outside' as const, column: 'v', upper: 5 } },
    { since: UNTIL, until: fromIso('2026-03-04T00:00:00.000Z') },
  ];
  const text = await copied('conditions.csv', `at,v\n${rows.join('\n')}`, { without });
  expect(text).toBe(`at,v\n${rows[0]}\n${rows[3]}`);
});

it('keeps a broken row with the row before it', async () => {
  const lines = ['at,v', '2026-03-01,1', 'oops', '', '2026-03-02,2', '2026-03-05,3', 'Total 3', '2026-03-02,4', ''];
  const text = await copied('broken.csv', lines.join('\n'), { until: UNTIL });
  expect(text).toBe(['at,v', '2026-03-01,1', 'oops', '', '2026-03-02,2', '2026-03-02,4', ''].join('\n'));
});

it('reads an ambiguous date by the other files of its table', async () => {
  writeFileSync(join(folder, 'late.csv'), 'at,v\n25/02/2026,1\n');
  const cut = { typedWith: [join(folder, 'late.csv')], until: UNTIL };
  expect(await copied('early.csv', 'at,v\n01/02/2026,1\n02/03/2026,2\n03/03/2026,3\n', cut)).toBe(
    'at,v\n01/02/2026,1\n02/03/2026,2\n',
  );
});
