import { expect, it } from 'vitest';
import { seededNormal } from '../../src/statistics/random.js';
import { createRig, type Document, type Rig } from '../support/rig.js';

type Cell = string | number | null;

const quoted = (value: Cell): string => (value === null ? '' : `"${String(value).replaceAll('"', '""')}"`);

const csv = (columns: readonly string[], rows: number, row: (i: number) => readonly Cell[]): string =>
  `${[columns, ...Array.from({ length: rows }, (_, i) => row(i))].map((cells) => cells.map(quoted).join(',')).join('\n')}\n`;

/** Columns x (normal) and c (a, b, c in turn), each row changed by `move`. */
function table(
  seed: number,
  move: (x: number, i: number) => readonly Cell[] = (x, i) => [x, 'abc'[i % 3] ?? ''],
): string {
  const normal = seededNormal(seed);
  return csv(['x', 'c'], 2000, (i) => move(normal(), i));
}

const check = (rig: Rig, exit: number, current: string, ...more: readonly string[]): Promise<Document> =>
  rig.json(exit, 'check-drift', '--reference', 'a.csv', '--current', current, ...more);

it('accepts columns with any name', async () => {
  const names = ['a"b', "it's", 'new\nline', '"; DROP TABLE x; --', 'x'.repeat(10_000), '__proto__', 'SELECT', ' '];
  const normal = seededNormal(1);
  const make = (shift: number) => csv(names, 300, () => names.map((_, k) => normal() + (k === 2 ? shift : 0)));
  using rig = createRig({ 'a.csv': make(0), 'b.csv': make(1) });
  const document = await check(rig, 3, 'b.csv');
  expect(document.features).toHaveLength(names.length);
  expect(document.features[0]).toMatchObject({ name: 'new\nline', verdict: 'drift' });
  const text = await rig.refit('check-drift', '--reference', 'a.csv', '--current', 'b.csv');
  expect(Math.max(...text.stdout.split('\n').map((line) => line.length))).toBeLessThan(300);
});

it('calls every broken column a finding, and never throws', async () => {
  using rig = createRig({
    'a.csv': table(2),
    'null.csv': table(3, (_, i) => [null, 'abc'[i % 3] ?? '']),
    'half.csv': table(4, (x, i) => [i % 2 === 0 ? null : x, 'abc'[i % 3] ?? '']),
    'third.csv': table(4, (x, i) => [i % 10 < 3 ? null : x, 'abc'[i % 3] ?? '']),
    'constant.csv': table(5, (_, i) => [7, 'abc'[i % 3] ?? '']),
    'late-text.csv': table(6, (x, i) => [i === 1999 ? 'n/a' : x, 'abc'[i % 3] ?? '']),
    'case.csv': table(7).replace('"x"', '"X"'),
    'added.csv': csv(['x', 'c', 'new'], 2000, (i) => [Math.sin(i), 'abc'[i % 3] ?? '', i]),
  });
  const kinds = async (current: string): Promise<Document> => {
    const document = await check(rig, 4, current);
    expect(document.features.find((one: Document) => one.name === 'x')).toMatchObject({ verdict: 'finding' });
    return document.data_bugs.map((bug: Document) => bug.kind);
  };
  expect(await kinds('null.csv')).toEqual(['all-missing']);
  expect(await kinds('half.csv')).toEqual(['missing-rose']);
  // a third went missing evenly: a fault or a changed world could have done it
  expect((await check(rig, 3, 'third.csv')).unclear.map((one: Document) => one.kind)).toEqual(['missing-rose']);
  expect(await kinds('constant.csv')).toEqual(['constant']);
  expect(await kinds('late-text.csv')).toEqual(['type-changed']);
  expect(await kinds('case.csv')).toEqual(['missing-column']);
  expect((await check(rig, 3, 'added.csv')).warnings[0]).toMatchObject({ code: 'new-column', column: 'new' });
});

it('calls it drift if the share of missing values falls, or a constant begins to vary', async () => {
  using rig = createRig({
    'a.csv': table(8, (x, i) => [i % 4 === 0 ? null : x, 'a']),
    'b.csv': table(9, (x) => [x, 'a']),
  });
  const feature = (await check(rig, 3, 'b.csv')).features[0];
  expect(feature).toMatchObject({ name: 'x', method: 'missing_share', verdict: 'drift' });
  expect(feature.moved).toEqual([{ cell: 'missing', before: 0.25, after: 0 }]);
});

it.each(['1e6', '1e300', '-1e300', 'inf'])('changes no verdict for one value of %s on either side', async (wild) => {
  const put = (x: number, i: number): readonly Cell[] => [i === 7 ? wild : x, 'abc'[i % 3] ?? ''];
  using rig = createRig({
    'a.csv': table(10, put),
    'same.csv': table(11),
    'moved.csv': table(12, (x, i) => put(x + 0.5, i)),
  });
  expect((await check(rig, 0, 'same.csv')).verdict).toBe('stable');
  const moved = await check(rig, 3, 'moved.csv', '--method', 'x=wasserstein');
  expect(moved.features[0]).toMatchObject({ name: 'x', method: 'wasserstein', verdict: 'drift' });
});

it('judges by the distance that is asked for, also under the names of other tools', async () => {
  using rig = createRig({
    'a.csv': table(13),
    'b.csv': table(14, (x, i) => [x + 0.6, 'aaabbc'[i % 6] ?? '']),
  });
  for (const [asked, method] of [
    ['jensenshannon', 'jensen_shannon'],
    ['psi', 'psi'],
    ['chi2', 'chi_square'],
    ['hellinger', 'hellinger'],
    ['L-infinity', 'l_infinity'],
  ] as const) {
    const { features } = await check(rig, 3, 'b.csv', '--method', asked);
    expect(features.map((one: Document) => [one.method, one.verdict])).toEqual([
      [method, 'drift'],
      [method, 'drift'],
    ]);
  }
  const unknown = await rig.refit('check-drift', '--reference', 'a.csv', '--current', 'b.csv', '--method', 'kss');
  expect([unknown.exit, unknown.stderr]).toEqual([2, expect.stringContaining('there are auto, ks')]);
});

it('names the cells, the segment and the columns that moved', async () => {
  const shifted = (x: number, i: number): readonly Cell[] => [x + (i % 3 === 1 ? 1.5 : 0), 'abc'[i % 3] ?? ''];
  using rig = createRig({ 'a.csv': table(15), 'b.csv': table(16, shifted) });
  const document = await check(rig, 3, 'b.csv', '--segment', 'c', '--classifier');
  expect(document.features[0].detail).toMatch(/^the median went from .* to .*: .* % of the rows, now .* %$/);
  expect(document.features[0].moved.length).toBeGreaterThan(0);
  expect(document.segments.map((one: Document) => [one.value, one.verdict, one.drifted])).toEqual([
    ['b', 'drift', ['x']],
    ['a', 'stable', []],
    ['c', 'stable', []],
  ]);
  expect(document.classifier).toMatchObject({ verdict: 'drift', columns: [{ name: 'x' }, { name: 'c' }] });
});

it('gives the same verdict for 12,000 and 12,001 reference rows, and calls an id undecided', async () => {
  const make = (rows: number, seed: number, shift = 0): string => {
    const normal = seededNormal(seed);
    return csv(['x', 'id'], rows, (i) => [normal() + shift, `k${seed}-${i}`]);
  };
  using rig = createRig({ 'long.csv': make(12_000, 17), 'longer.csv': make(12_001, 17), 'b.csv': make(1200, 18, 0.5) });
  const scores = await Promise.all(
    ['long.csv', 'longer.csv'].map((reference) =>
      rig.json(3, 'check-drift', '--reference', reference, '--current', 'b.csv'),
    ),
  );
  expect(scores[0].features[0].threshold).toBeCloseTo(scores[1].features[0].threshold, 3);
  expect(scores[0].features[1]).toMatchObject({ name: 'id', verdict: 'undecided' });
  expect(scores[0].features[1].detail).toContain('id or free text');
});

it('judges a column of more values than a profile keeps', async () => {
  const make = (seed: number, share: number): string => {
    const normal = seededNormal(seed);
    const value = (): number => Math.floor(Math.abs(normal()) * 2000);
    return csv(['zip'], 30_000, (i) => [`z${i % 100 < share ? value() % 50 : value()}`]);
  };
  using rig = createRig({ 'a.csv': make(19, 0), 'same.csv': make(20, 0), 'moved.csv': make(21, 30) });
  expect((await check(rig, 0, 'same.csv')).features[0]).toMatchObject({ method: 'tvd', verdict: 'stable' });
  expect((await check(rig, 3, 'moved.csv')).features[0]).toMatchObject({ method: 'tvd', verdict: 'drift' });
});
