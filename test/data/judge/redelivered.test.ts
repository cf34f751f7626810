import { describe, expect, it } from 'vitest';
import { redelivered } from '../../../src/data/judge/repairs/redelivered.js';
import type { RowEvidence } from '../../../src/data/judge/row-evidence.js';
import { triage } from '../../../src/data/judge/triage.js';
import { normals, roundTo, table, times, type Value } from './profiles.js';

type Rows = Readonly<Record<string, readonly Value[]>>;

const claims = (seed: number, count = 2000): Rows => ({
  amount: normals(seed, count, (z) => roundTo(2)(900 * Math.exp(z))),
  lag: normals(seed + 1, count, (z) => Math.round(5 + Math.abs(4 * z))),
  line: normals(seed + 2, count).map((z) => (z > 0 ? 'motor' : 'home')),
});
const numbered = (rows: Rows, from: number): Rows => ({
  ...rows,
  id: (rows.amount ?? []).map((_, i) => `L${from + i}`),
});
const again = (rows: Rows, count: number, times = 1): Rows =>
  Object.fromEntries(
    Object.entries(rows).map(([name, values]) => [
      name,
      [...values, ...Array.from({ length: times }, () => values.slice(0, count)).flat()],
    ]),
  );
const evidence = (reference: Rows, current: Rows): RowEvidence => ({
  reference: new Map(Object.entries(reference)),
  current: new Map(Object.entries(current)),
});
const says = (reference: Rows, current: Rows, more: Partial<ReturnType<typeof table>> = {}): string =>
  redelivered(table(reference), { ...table(current), ...more }, evidence(reference, current))?.severity ?? 'nothing';

describe('rows that came again under another key', () => {
  const reference = numbered(claims(1), 0);

  it('are unclear', () => {
    expect(says(reference, numbered(again(claims(11, 1800), 700), 5000))).toBe('unclear');
    // a feed that repeats one day
    expect(says(claims(1), again(claims(11, 200), 200, 9))).toBe('unclear');
  });

  it('are reported of the table, unless a column is odd', () => {
    const ask = (current: Rows) => {
      const found = triage({
        reference: table(reference),
        current: table(current),
        history: [],
        ignore: [],
        rows: evidence(reference, current),
        isDrifting: () => false,
      });
      return found.unclear.map((one) => `${one.column ?? 'table'} ${one.code} ${one.rows}`);
    };
    const current = numbered(again(claims(11, 1800), 700), 5000);
    expect(ask(current)).toEqual(['table duplicates 700']);
    expect(ask({ ...current, id: (current.id ?? []).map((one) => `${one} `) })).toEqual(['id respelled 2500']);
  });

  it.each([
    ['as before', numbered(claims(11), 5000)],
    ['few of them', numbered(again(claims(11), 90), 5000)],
    ['a storm: groups of all sizes', numbered(again(again(again(claims(11, 1200), 400), 200), 100), 5000)],
  ])('%s: nothing', (_, current) => {
    expect(says(reference, current)).toBe('nothing');
  });

  it('are expected where rows repeated before, or have little content', () => {
    expect(says(numbered(again(claims(1), 60), 0), numbered(again(claims(11, 1800), 700), 5000))).toBe('nothing');
    const { line: _, ...two } = claims(1);
    const { line: __, ...now } = claims(11, 1800);
    expect(says(numbered(two, 0), numbered(again(now, 700), 5000))).toBe('nothing');
  });

  it('are expected in a window that is half as long again', () => {
    const current = numbered(again(claims(11, 1800), 700), 5000);
    const judge = (until: string) =>
      redelivered(
        { ...table(reference), time: times('2026-01-01', '2026-01-11') },
        { ...table(current), time: times('2026-02-01', until) },
        evidence(reference, current),
      )?.severity ?? 'nothing';
    expect(judge('2026-02-16')).toBe('unclear');
    expect(judge('2026-02-17')).toBe('nothing');
  });
});
