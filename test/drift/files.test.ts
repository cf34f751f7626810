import { expect, it } from 'vitest';
import { createRig } from '../support/rig.js';

/** Seeded pseudo-normal numbers: sums of twelve uniforms. */
function normals(count: number, seed: number): readonly number[] {
  let state = seed;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
  return Array.from({ length: count }, () => Array.from({ length: 12 }, uniform).reduce((sum, u) => sum + u, -6));
}

const csv = (values: readonly number[], more: (i: number) => string = (i) => 'abc'[i % 3] ?? ''): string =>
  `x,kind\n${values.map((value, i) => `${value},${more(i)}`).join('\n')}\n`;

it('calls two samples of one distribution stable and a moved one drift, and makes no workspace', async () => {
  using rig = createRig({
    'a.csv': csv(normals(3000, 1)),
    'b.csv': csv(normals(3000, 2)),
    'moved.csv': csv(normals(3000, 3).map((value) => value + 0.5)),
  });
  const stable = await rig.json(0, 'check-drift', '--reference', 'a.csv', '--current', 'b.csv');
  expect(stable).toMatchObject({ verdict: 'stable', drifted: 0, total: 2, data_bugs: [] });
  const drift = await rig.json(3, 'check-drift', '--reference', 'a.csv', '--current', 'moved.csv');
  expect(drift).toMatchObject({ verdict: 'drift', drifted: 1 });
  expect(drift.features[0]).toMatchObject({ name: 'x', method: 'ks', verdict: 'drift' });
  await rig.json(0, 'check-drift', '--reference', 'a.csv', '--current', 'moved.csv', '--exit-zero');
  await rig.json(0, 'check-drift', '--reference', 'a.csv', '--current', 'moved.csv', '--ignore', 'x');
  expect(rig.has('.refit')).toBe(false);
});

it('still finds drift with one outlier on either side', async () => {
  const shifted = normals(5000, 4).map((value) => value + 1);
  using rig = createRig({
    'a.csv': csv(normals(5000, 5)),
    'a-wild.csv': csv([...normals(5000, 5), 1e6]),
    'b.csv': csv(shifted),
    'b-wild.csv': csv([...shifted, 1e6]),
  });
  for (const [reference, current] of [
    ['a.csv', 'b-wild.csv'],
    ['a-wild.csv', 'b.csv'],
  ] as const)
    expect(
      (await rig.json(3, 'check-drift', '--reference', reference, '--current', current)).features[0].score,
    ).toBeGreaterThan(0.3);
});

it('distinguishes broken data from a changed world: exit 4 outranks drift', async () => {
  const base = normals(2000, 6).map((value) => 50 + 10 * value);
  using rig = createRig({
    'a.csv': csv(base),
    'thousand.csv': csv(normals(2000, 7).map((value) => (50 + 10 * value) * 1000)),
    'gone.csv': `kind\n${'a\nb\nc\n'.repeat(500)}`,
    'text.csv': csv(base).replaceAll('.', ';'),
    'upper.csv': csv(
      normals(2000, 8).map((value) => 50 + 10 * value),
      (i) => 'ABC'[i % 3] ?? '',
    ),
    'empty.csv': '',
    'zero.csv': 'x,kind\n',
  });
  const bugs = async (current: string) =>
    (await rig.json(4, 'check-drift', '--reference', 'a.csv', '--current', current)).data_bugs.map(
      (bug: { kind: string }) => bug.kind,
    );
  expect(await bugs('thousand.csv')).toEqual(['scaled']);
  expect(await bugs('gone.csv')).toEqual(['missing-column']);
  expect(await bugs('text.csv')).toEqual(['type-changed']);
  expect(await bugs('upper.csv')).toEqual(['respelled']);
  expect(await bugs('empty.csv')).toEqual(['empty']);
  expect(await bugs('zero.csv')).toEqual(['empty']);
});

it('is undecided with too few rows, and says what is missing', async () => {
  using rig = createRig({ 'a.csv': csv(normals(2000, 9)), 'few.csv': csv(normals(20, 10)) });
  const document = await rig.json(0, 'check-drift', '--reference', 'a.csv', '--current', 'few.csv');
  expect(document.verdict).toBe('undecided');
  expect(document.features[0].detail).toContain('30 more');
  await rig.json(3, 'check-drift', '--reference', 'a.csv', '--current', 'few.csv', '--strict');
});

it('checks files by themselves', async () => {
  using rig = createRig({ 'good.csv': csv(normals(100, 11)), 'header.csv': 'x,y\n', 'empty.csv': '' });
  expect((await rig.json(0, 'check-data', 'good.csv')).verdict).toBe('pass');
  expect((await rig.json(4, 'check-data', 'header.csv')).problems[0].code).toBe('empty');
  expect((await rig.json(4, 'check-data', 'empty.csv')).problems[0].code).toBe('empty');
  // a name that leads nowhere is a wrong command line, not bad data
  const nowhere = await rig.refit('check-data', 'nowhere.csv');
  expect(nowhere.exit).toBe(2);
  expect(nowhere.stderr).toContain('nowhere.csv');
});
