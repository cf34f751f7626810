import { describe, expect, it } from 'vitest';
import type { DriftReport, FeatureDrift } from '../../../src/domain/data/drift.js';
import type { Finding } from '../../../src/domain/data/finding.js';
import type { ColumnProfile, TableProfile } from '../../../src/domain/data/profile.js';
import type { FindingId } from '../../../src/domain/ids.js';
import type { Instant } from '../../../src/domain/support/time.js';
import { benjaminiHochberg } from '../../../src/drift/judge/benjamini-hochberg.js';
import {
  comparableColumns,
  compareTables,
  stillUnclear,
  type TableOptions,
  withFeatures,
  withVerdicts,
} from '../../../src/drift/judge/judge-table.js';
import { numbers, tableOf, texts, uniforms } from './columns.js';

const ROWS = 2000;
const still = (name: string): ColumnProfile => numbers(uniforms(ROWS), name);
const shifted = (name: string, by: number): ColumnProfile => numbers(uniforms(ROWS, by), name);
const typed = (name: string, type: ColumnProfile['type'], sqlType: string): ColumnProfile => ({
  ...{ name, type, sqlType, rows: ROWS },
  ...{ missing: 0, notFinite: 0, distinct: 5 },
});
const few = (name: string): ColumnProfile => numbers(uniforms(20), name);
const finding = (column: string | undefined, id = 'f-1'): Finding => ({
  ...{ id: id as FindingId, code: 'scaled', severity: 'error', detail: '' },
  ...{ column, rows: 1, evidence: {} },
});

const compare = (
  reference: readonly ColumnProfile[],
  current: readonly ColumnProfile[],
  options: Partial<TableOptions> = {},
) => compareTables(tableOf(reference), tableOf(current), { ignore: [], dataBugs: [], ...options });
const verdicts = ({ features }: { readonly features: readonly FeatureDrift[] }) =>
  features.map((one) => [one.name, one.verdict]);

describe('the columns that are compared', () => {
  const names = (reference: TableProfile, current: TableProfile, ignore: readonly string[] = []) =>
    comparableColumns(reference, current, ignore).map((pair) => pair.reference.name);
  const columns = [
    still('x'),
    typed('at', 'timestamp', 'TIMESTAMP'),
    typed('list', 'other', 'INTEGER[]'),
    still('day'),
  ];

  it('are those that both have, without timestamps, nested ones and ignored ones', () => {
    expect(names(tableOf(columns), tableOf(columns))).toEqual(['x', 'day']);
    expect(names(tableOf(columns), tableOf(columns), ['x'])).toEqual(['day']);
    expect(names(tableOf(columns), tableOf(columns.slice(1)))).toEqual(['day']);
    expect(names(tableOf(columns.slice(1)), tableOf(columns))).toEqual(['day']);
  });

  it('are without the column of time of either table', () => {
    const time = { column: 'day', from: 0 as Instant, to: 1 as Instant };
    expect(names(tableOf(columns, time), tableOf(columns))).toEqual(['x']);
    expect(names(tableOf(columns), tableOf(columns, time))).toEqual(['x']);
  });
});

describe('the verdict of a table', () => {
  it('is drift where one column drifts, and counts those that could be judged', () => {
    const judged = compare([still('a'), still('b'), few('c')], [still('a'), shifted('b', 0.5), few('c')]);
    expect(judged).toMatchObject({ verdict: 'drift', drifted: 1, total: 2 });
    expect(verdicts(judged)).toEqual([
      ['b', 'drift'],
      ['a', 'stable'],
      ['c', 'undecided'],
    ]);
  });

  it('is stable where none drifts, and undecided where none could be judged', () => {
    expect(compare([still('a'), few('c')], [still('a'), few('c')])).toMatchObject({
      ...{ verdict: 'stable', drifted: 0, total: 1 },
    });
    expect(compare([few('c')], [few('c')])).toMatchObject({ verdict: 'undecided', drifted: 0, total: 0 });
    expect(compare([], [])).toMatchObject({ verdict: 'undecided', drifted: 0, total: 0 });
  });

  it('counts an unclear column as moved, and a finding not at all', () => {
    const tables = [
      [still('a'), still('b')],
      [still('a'), shifted('b', 0.5)],
    ] as const;
    expect(compare(...tables, { unclear: [finding('a'), finding(undefined)] })).toMatchObject({
      verdict: 'drift',
      drifted: 2,
      total: 2,
    });
    expect(compare(...tables, { dataBugs: [finding('b'), finding(undefined)] })).toMatchObject({
      verdict: 'stable',
      drifted: 0,
      total: 1,
    });
    expect(verdicts(compare(...tables, { dataBugs: [finding('a')], unclear: [finding('a')] }))).toEqual([
      ['a', 'finding'],
      ['b', 'drift'],
    ]);
  });

  it('names findings first, then what moved farthest beyond its limit', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const now = [still('a'), shifted('b', 0.3), shifted('c', 0.6), shifted('d', 0.04), shifted('e', 0.9)];
    const judged = compare(names.map(still), now, { dataBugs: [finding('a')] });
    expect(verdicts(judged)).toEqual([
      ['a', 'finding'],
      ['e', 'drift'],
      ['c', 'drift'],
      ['b', 'drift'],
      ['d', 'stable'],
    ]);
  });

  it('corrects the p-values of the columns that have one', () => {
    const judged = compare([still('a'), few('c'), still('b')], [shifted('a', 0.05), few('c'), shifted('b', 0.06)]);
    const tested = judged.features.filter((one) => one.pValue !== undefined);
    expect(tested.map((one) => one.name)).toEqual(['b', 'a']);
    expect(tested.map((one) => one.adjustedPValue)).toEqual(benjaminiHochberg(tested.map((one) => one.pValue ?? 1)));
    expect(judged.features.find((one) => one.name === 'c')).not.toHaveProperty('adjustedPValue');
  });
});

describe('columns that are not compared are named', () => {
  it('where a finding says that they are gone or no longer what they were', () => {
    const reference = [still('a'), still('gone'), texts({ x: 1000, y: 1000 }, 0, 'kind'), still('quiet')];
    const judged = compare(reference, [still('a')], { dataBugs: [finding('gone')], unclear: [finding('kind')] });
    expect(judged.features).toEqual([
      { name: 'gone', kind: 'numeric', role: 'feature', method: 'none', verdict: 'finding' },
      expect.objectContaining({ name: 'kind', kind: 'categorical', method: 'none', verdict: 'unclear' }),
      expect.objectContaining({ name: 'a', verdict: 'stable' }),
    ]);
  });

  it('where they have not come yet', () => {
    const reference = [still('a'), still('paid'), texts({ x: 1000, y: 1000 }, 0, 'late')];
    const options = { waiting: ['paid', 'late', 'a'], label: 'paid' };
    expect(compare(reference, [still('a')], options).features.slice(1)).toEqual([
      {
        ...{ name: 'paid', kind: 'numeric', role: 'label', method: 'none', verdict: 'undecided' },
        detail: 'the column has not come yet',
      },
      expect.objectContaining({ name: 'late', kind: 'categorical', role: 'feature' }),
    ]);
    expect(compare(reference, reference, options).features).toHaveLength(3);
  });

  it.each([
    ['INTEGER[]', 'nested: INTEGER[] is not compared'],
    ['STRUCT(a INTEGER)', 'nested: STRUCT(a INTEGER) is not compared'],
    ['JSON', 'nested: JSON is not compared'],
    ['BLOB', 'BLOB is not compared'],
    ['TIME_JSONS', 'TIME_JSONS is not compared'],
    [`STRUCT(${'a'.repeat(60)})`, `nested: STRUCT(${'a'.repeat(53)}… is not compared`],
    [`STRUCT(${'a'.repeat(52)})`, `nested: STRUCT(${'a'.repeat(52)}) is not compared`],
  ])('where they hold lists, structs or bytes: %s', (sqlType, detail) => {
    const columns = [still('a'), typed('n', 'other', sqlType)];
    expect(compare(columns, columns).features[1]).toEqual({
      ...{ name: 'n', kind: 'categorical', role: 'feature', method: 'none' },
      ...{ verdict: 'undecided', detail },
    });
    expect(compare(columns, [still('a')]).features).toHaveLength(1);
    expect(compare(columns, columns, { ignore: ['n'] }).features).toHaveLength(1);
    expect(compare(columns, columns, { dataBugs: [finding('n')] }).features).toHaveLength(2);
    expect(compare(columns, columns, { dataBugs: [finding('n')] }).features[0]).toMatchObject({ verdict: 'finding' });
  });
});

it('gives columns their role and the distance that was asked for', () => {
  const columns = [still('x'), still('y'), still('p'), still('toString')];
  const methods = { table: 'psi', columns: { x: 'wasserstein' } } as const;
  const judged = compare(columns, columns, { label: 'y', prediction: 'p', methods }).features;
  const of = (name: string) => judged.find((one) => one.name === name);
  expect(of('x')).toMatchObject({ role: 'feature', method: 'wasserstein' });
  expect(of('y')).toMatchObject({ role: 'label', method: 'psi' });
  expect(of('p')).toMatchObject({ role: 'prediction', method: 'psi' });
  expect(of('toString')).toMatchObject({ role: 'feature', method: 'psi' });
  expect(compare(columns, columns).features[0]).toMatchObject({ method: 'ks' });
});

describe('a report that is judged again', () => {
  const tables = [
    [still('a'), still('b')],
    [still('a'), shifted('b', 0.5)],
  ] as const;
  const report = {
    ...compare(...tables),
    ...{ unclear: [finding('a', 'f-a'), finding('b', 'f-b')], undecidedBecause: 'no-reference' },
  } as unknown as DriftReport;
  const as = (name: string, verdict: FeatureDrift['verdict']): readonly FeatureDrift[] =>
    report.features.map((one) => (one.name === name ? { ...one, verdict } : one));

  it('has the verdict of its columns, and of its unclear findings those whose column still is', () => {
    const calm = withVerdicts(report, as('b', 'stable'));
    expect(calm).toMatchObject({ verdict: 'stable', drifted: 0, total: 2, unclear: [] });
    const doubtful = withVerdicts(report, as('a', 'unclear'));
    expect(doubtful).toMatchObject({ verdict: 'drift', drifted: 2, unclear: [{ id: 'f-a' }] });
    expect(stillUnclear(report.unclear, as('b', 'unclear')).map((one) => one.id)).toEqual(['f-b']);
  });

  it('drifts where a further column does, and is not called stable for the sake of one', () => {
    const [b, a] = report.features;
    if (a === undefined || b === undefined) throw new Error('two columns were compared');
    const none = { ...report, features: [], verdict: 'undecided', drifted: 0, total: 0 } as DriftReport;
    expect(withFeatures(none, [a])).toMatchObject({
      verdict: 'undecided',
      drifted: 0,
      total: 1,
      undecidedBecause: 'no-reference',
    });
    const moved = withFeatures(none, [a, b]);
    expect(moved).toMatchObject({ verdict: 'drift', drifted: 1, total: 2 });
    expect(moved.features.map((one) => one.name)).toEqual(['b', 'a']);
    expect(moved).not.toHaveProperty('undecidedBecause');
  });
});
