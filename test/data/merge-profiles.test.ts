import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mergeProfiles } from '../../src/data/merge-profiles.js';
import type { TableProfile } from '../../src/domain/data/profile.js';
import { cellEdges, countInCells, totalVariation } from '../../src/statistics/distribution.js';
import { seededNormal, seededRandom } from '../../src/statistics/random.js';
import { openDatasets } from '../support/datasets.js';

const folder = mkdtempSync(join(tmpdir(), 'refit-profile-'));
const datasets = openDatasets();
afterAll(async () => {
  await datasets[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const normal = seededNormal(5);
const random = seededRandom(6);
const parts = [1500, 30_000].map((rows, part) =>
  Array.from({ length: rows }, () => ({
    x: random() < 0.02 ? '' : normal() + part,
    k: Math.floor(random() * 7),
    c: 'abcdefgh'[Math.floor(random() * (7 + part))] ?? '',
  })),
);

async function profile(name: string, rows: readonly object[]): Promise<TableProfile> {
  const path = join(folder, name);
  writeFileSync(path, `x,k,c\n${rows.map((row) => Object.values(row).join(',')).join('\n')}\n`);
  const made = await datasets.profile({ from: { kind: 'files', paths: [path] } });
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return made.value;
}

describe('partitions profiled apart', () => {
  let [merged, together]: [TableProfile?, TableProfile?] = [];
  beforeAll(async () => {
    const [a, b] = [await profile('a.csv', parts[0] ?? []), await profile('b.csv', parts[1] ?? [])];
    merged = mergeProfiles([a, b]);
    together = await profile('all.csv', parts.flat());
  });
  const column = (table: TableProfile | undefined, name: string) => {
    const found = table?.columns.find((one) => one.name === name);
    if (found === undefined) throw new Error(name);
    return found;
  };

  it('give the counts, moments and values of one scan', () => {
    expect(merged?.rows).toBe(31_500);
    for (const name of ['x', 'k']) {
      const [one, other] = [column(merged, name), column(together, name)];
      expect([one.rows, one.missing, one.notFinite]).toEqual([other.rows, other.missing, other.notFinite]);
      for (const key of ['min', 'max', 'mean', 'sd', 'zeros', 'negatives'] as const)
        expect(one.numeric?.[key]).toBeCloseTo(other.numeric?.[key] ?? Number.NaN, 8);
    }
    expect(column(merged, 'c').categories).toEqual(column(together, 'c').categories);
  });

  it('give shares below an edge within 0.002', () => {
    const values = parts.flat().flatMap((row) => (typeof row.x === 'number' ? [row.x] : []));
    const { quantiles = [], counts = [] } = column(merged, 'x').numeric ?? {};
    const exact = countInCells(cellEdges(quantiles), values);
    let [f, g, largest] = [0, 0, 0];
    counts.forEach((count, i) => {
      f += count / values.length;
      g += (exact[i] ?? 0) / values.length;
      largest = Math.max(largest, Math.abs(f - g));
    });
    expect(largest).toBeLessThan(0.002);
    expect(totalVariation({ reference: counts, current: exact })).toBeLessThan(0.05);
  });

  it('of atoms give every count exactly', () => {
    const counts = (table: TableProfile | undefined) =>
      column(table, 'k').numeric?.counts?.filter((count) => count > 0);
    expect(counts(merged)).toEqual(counts(together));
  });
});
