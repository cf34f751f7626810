import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TableSource } from '../../src/domain/ports/datasets.js';
import { fromIso } from '../../src/domain/support/time.js';
import { openDatasets } from '../support/datasets.js';

/** Two hours before midnight UTC, midnight, and an hour after it. */
const TIMES = ['2026-01-01T00:00:00+02:00', '2026-01-01T00:00:00Z', '2025-12-31T20:00:00-05:00'];
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'refit-times-'));
  writeFileSync(join(folder, 'a.csv'), `at,x\n${TIMES.map((at, i) => `${at},${i}`).join('\n')}\n`);
  writeFileSync(join(folder, 'mixed.csv'), `at,x\nunknown,9\n${TIMES.map((at, i) => `${at},${i}`).join('\n')}\n`);
  writeFileSync(join(folder, 'a.jsonl'), TIMES.map((at, x) => `${JSON.stringify({ at, x })}\n`).join(''));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(['a.csv', 'mixed.csv', 'a.jsonl'])('times with an offset in %s', (name) => {
  const source = (cut: Partial<TableSource>): TableSource => ({
    from: { kind: 'files', paths: [join(folder, name)] },
    timeColumn: 'at',
    ...cut,
  });

  it('are read as the moments that they mean: in windows, counts and ranges', async () => {
    await using datasets = openDatasets(folder);
    const range = await datasets.timeRange(source({ until: fromIso('2027-01-01T00:00:00.000Z') }));
    expect(range).toMatchObject({
      value: { from: fromIso('2025-12-31T22:00:00.000Z'), to: fromIso('2026-01-01T01:00:00.000Z') },
    });
    const midnight = fromIso('2026-01-01T00:00:00.000Z');
    expect(await datasets.countRows(source({ until: midnight }))).toEqual({ ok: true, value: 1 });
    const since = await datasets.readColumns(source({ since: midnight }), ['x']);
    expect(since.ok && since.value.get('x')).toEqual([1, 2]);
    const profile = await datasets.profile(source({ since: midnight }));
    expect(profile).toMatchObject({ value: { rows: 2, time: { from: midnight } } });
  });
});
