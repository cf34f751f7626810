import { expect, it } from 'vitest';
import type { ColumnPast } from '../../../../src/data/judge/past.js';
import { exchangedTexts } from '../../../../src/data/judge/repairs/exchanged-texts.js';
import { areOfOneKind } from '../../../../src/data/judge/repairs/unit-names.js';
import { triage } from '../../../../src/data/judge/triage.js';
import { draw, some } from '../categories.js';
import { pair, table } from '../profiles.js';

const BRANCHES = { Centre: 50, East: 20, West: 20, Bus: 10 };
const ITEMS = { book: 60, film: 20, music: 12, game: 8 };
const [branch, item] = [draw(BRANCHES), draw(ITEMS, 4000, 31)];
const [branchNow, itemNow] = [draw(BRANCHES, 4000, 77), draw(ITEMS, 4000, 131)];

const says = (...columns: readonly ColumnPast[]): string =>
  columns
    .map((one) => exchangedTexts(columns).get(one.now))
    .map((fault) => (fault === undefined ? 'nothing' : `${fault.severity} ${fault.evidence.with}`))
    .join(', ');
const mixed = (own: readonly string[], other: readonly string[], share: number): string[] =>
  some(own, share, (_, i) => other[i] ?? '');

it.each([
  ['in all rows', 1],
  ['in some rows', 0.2],
  ['in few rows', 0.03],
])('is a fault where two columns have values of each other %s', (_, share) => {
  expect(
    says(
      pair('branch', branch, mixed(branchNow, itemNow, share)),
      pair('item', item, mixed(itemNow, branchNow, share)),
    ),
  ).toBe('error item, error branch');
});

it('is unclear where only one has values of the other', () => {
  const columns = [pair('branch', branch, mixed(branchNow, itemNow, 0.15)), pair('item', item, itemNow)];
  expect(says(...columns)).toBe('unclear item, nothing');
  expect(exchangedTexts(columns).get(columns[0]?.now as never)).toMatchObject({
    code: 'exchanged',
    detail: expect.stringContaining('of the values are known ones of "item"'),
    selects: { kind: 'one-of', column: 'branch' },
    readings: [{ as: 'bug' }, { as: 'normal', text: 'the kinds of "item" are kinds of "branch" now, too' }],
  });
});

it.each([
  ['from_zone', 'to_zone'],
  ['origin', 'destination'],
  ['homeTeam', 'away'],
  ['city_of_sender', 'receiver'],
])('is unclear between %s and %s, whose flow may have turned round', (a, b) => {
  expect(says(pair(a, branch, itemNow), pair(b, item, branchNow))).toBe(`unclear ${b}, unclear ${a}`);
});

it('is unclear where far more rows have come one way than the other', () => {
  const both = (share: number) =>
    says(pair('branch', branch, mixed(branchNow, itemNow, 0.2)), pair('item', item, mixed(itemNow, branchNow, share)));
  expect(both(0.18)).toBe('error item, error branch');
  expect(both(0.14)).toBe('unclear item, unclear branch');
});

it('knows columns of one kind by their names', () => {
  expect(areOfOneKind('to', 'from')).toBe(true);
  expect(areOfOneKind('code_1', 'name_1')).toBe(false);
  expect(areOfOneKind('branch', 'item')).toBe(false);
});

it.each([
  ['columns that always had a value in common', [pair('a', [...branch, 'book'], itemNow), pair('b', item, branchNow)]],
  [
    'one new value that another column has, too',
    [
      pair(
        'a',
        branch,
        some(branchNow, 0.2, () => 'book'),
      ),
      pair('b', item, itemNow),
    ],
  ],
  [
    'two of them, as yes and no',
    [
      pair(
        'a',
        branch,
        some(branchNow, 0.2, (_, i) => (i % 2 === 0 ? 'book' : 'film')),
      ),
      pair('b', item, itemNow),
    ],
  ],
  [
    'other new values beside them',
    [
      pair(
        'a',
        branch,
        some(mixed(branchNow, itemNow, 0.15), 0.03, () => 'North'),
      ),
      pair('b', item, itemNow),
    ],
  ],
  ['no new values', [pair('a', branch, branchNow), pair('b', item, itemNow)]],
  [
    'the values of the other column by chance',
    [pair('a', branch, [...branchNow, 'book', 'film', 'game']), pair('b', item, itemNow)],
  ],
] as const)('%s: nothing', (_, columns) => {
  expect(says(...columns)).toBe('nothing, nothing');
});

it('is reported of the table', () => {
  const found = triage({
    reference: table({ branch, item }),
    current: table({ branch: itemNow, item: branchNow }),
    history: [],
    ignore: [],
  });
  expect(found.bugs.map((one) => `${one.column} ${one.code}`)).toEqual(['branch exchanged', 'item exchanged']);
});
