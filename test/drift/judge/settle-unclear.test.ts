import { describe, expect, it } from 'vitest';
import { DOUBTFUL } from '../../../src/data/judge/fault.js';
import type { ColumnContext, DriftReport, FeatureDrift } from '../../../src/domain/data/drift.js';
import type { Finding } from '../../../src/domain/data/finding.js';
import type { FindingId } from '../../../src/domain/ids.js';
import { DAY_MS, HOUR_MS, instantOf } from '../../../src/domain/support/time.js';
import { settleUnclear, withoutUnclear } from '../../../src/drift/judge/settle-unclear.js';

const START = Date.parse('2026-02-01T00:00:00Z');
const day = (days: number) => instantOf(START + days * DAY_MS);

function unclearFinding(code: string, evidence: Finding['evidence'] = {}, column = 'x'): Finding {
  return {
    ...{ id: `f-${column}` as FindingId, code, column, severity: 'unclear', evidence },
    detail: `${column} is odd${DOUBTFUL}`,
    readings: [{ as: 'bug', text: 'a fault' }],
  };
}

function report(finding: Finding, context?: ColumnContext): DriftReport {
  const base = { kind: 'numeric', role: 'feature', method: 'ks' } as const;
  const features: FeatureDrift[] = [
    { ...base, name: 'x', verdict: 'unclear', context },
    { ...base, name: 'still', verdict: 'stable' },
    { ...base, name: 'other', verdict: 'drift' },
  ];
  return {
    ...{
      verdict: 'drift',
      features,
      drifted: 2,
      total: 3,
      dataBugs: [],
      unclear: [finding],
      warnings: [],
      segments: [],
    },
    current: { rows: 1000, source: 'b.csv', from: day(0), to: day(10) },
  };
}

/** What becomes of the unclear column: its verdict, and why it is a fault. */
function settled(finding: Finding, context?: ColumnContext) {
  const { features, dataBugs, unclear } = settleUnclear(report(finding, context));
  const verdict = features.find((one) => one.name === 'x')?.verdict;
  expect(features.find((one) => one.name === 'other')?.verdict).toBe('drift');
  expect(features.find((one) => one.name === 'still')?.verdict).toBe('stable');
  expect(unclear).toHaveLength(verdict === 'unclear' ? 1 : 0);
  return { verdict, because: dataBugs[0]?.detail };
}

const scaled = unclearFinding('scaled');
const code = { dataset: 'd', through: [], changed: ['join.py', 'cut.py'] };

it.each<[string, ColumnContext | undefined, FeatureDrift['verdict'], string?]>([
  ['nothing is known of it', undefined, 'unclear'],
  ['nothing speaks for either', {}, 'unclear'],
  ['code on its way changed', { upstream: code }, 'finding', 'x is odd; join.py changed since the reference'],
  ['no code changed', { upstream: { ...code, changed: [] } }, 'unclear'],
  [
    'it begins with a file within a day',
    { onset: { kind: 'file', from: instantOf(day(3) + HOUR_MS) } },
    'finding',
    'x is odd; it begins or ends with a file',
  ],
  [
    'it ends with a file within a day',
    { onset: { kind: 'file', until: instantOf(day(3) + HOUR_MS) } },
    'finding',
    'x is odd; it begins or ends with a file',
  ],
  ['each day has a file', { onset: { kind: 'file', from: day(3) } }, 'unclear'],
  ['a file, no one knows when', { onset: { kind: 'file' } }, 'unclear'],
  ['it begins within a day', { onset: { kind: 'inside', from: instantOf(day(3) + HOUR_MS) } }, 'unclear'],
  ['it grew', { onset: { kind: 'gradual', from: day(3) } }, 'drift'],
  [
    'it grew beside its company',
    { onset: { kind: 'gradual' }, correlation: { with: 'y', before: 0.9, after: 0.9, isBroken: false } },
    'drift',
  ],
  [
    'it grew away from its company',
    { onset: { kind: 'gradual' }, correlation: { with: 'y', before: 0.9, after: 0.1, isBroken: true } },
    'unclear',
  ],
  ['the whole window has it', { onset: { kind: 'whole-window' } }, 'unclear'],
])('a column that is unclear, where %s', (_, context, verdict, because) => {
  expect(settled(scaled, context)).toEqual({ verdict, because });
});

describe('values that are missing or frozen in all rows of a stretch', () => {
  const stretch = (
    from: number | undefined,
    until: number | undefined,
    kind: 'inside' | 'midnight' | 'whole-window' | 'gradual' = 'inside',
  ) => ({
    onset: {
      kind,
      from: from === undefined ? undefined : day(from),
      until: until === undefined ? undefined : day(until),
    },
  });
  const gaps = (after: number) => unclearFinding('missing-rose', { after });
  const WHOLE = 'x is odd; all rows of one stretch have it';

  it.each<[string, Finding, ColumnContext, FeatureDrift['verdict']]>([
    ['two days of ten', gaps(0.181), stretch(3, 5), 'finding'],
    ['two days of ten, but not all of their rows', gaps(0.179), stretch(3, 5), 'unclear'],
    ['from day seven on', gaps(0.28), stretch(7, undefined), 'finding'],
    ['up to day three', gaps(0.28), stretch(undefined, 3, 'midnight'), 'finding'],
    ['up to day three, but not all of their rows', gaps(0.26), stretch(undefined, 3, 'midnight'), 'unclear'],
    ['the whole window', gaps(1), stretch(undefined, undefined, 'whole-window'), 'unclear'],
    ['more and more', gaps(1), stretch(3, 5, 'gradual'), 'drift'],
    ['a frozen value', unclearFinding('sentinel', { after: 0.2, value: 9.99 }), stretch(3, 5), 'finding'],
    ['zeros: a shop is closed', unclearFinding('sentinel', { after: 0.2, value: 0 }), stretch(3, 5), 'unclear'],
    ['another finding', unclearFinding('scaled', { after: 0.2 }), stretch(3, 5), 'unclear'],
    ['a share that is not known', unclearFinding('missing-rose', {}), stretch(3, 5), 'unclear'],
  ])('%s', (_, finding, context, verdict) => {
    const because = verdict === 'finding' ? WHOLE : undefined;
    expect(settled(finding, context)).toEqual({ verdict, because });
  });

  it('are not known where the window has no time', () => {
    const finding = gaps(0.2);
    const timeless = { ...report(finding, stretch(3, 5)), current: { rows: 1000, source: 'b.csv' } };
    expect(settleUnclear(timeless)).toBe(timeless);
  });
});

it('makes an error of a fault, and leaves other findings as they are', () => {
  const before = { ...report(scaled, { upstream: code }), dataBugs: [{ ...scaled, id: 'f-old' as FindingId }] };
  const after = settleUnclear(before);
  expect(after.dataBugs.map((one) => one.id)).toEqual(['f-old', 'f-x']);
  expect(after.dataBugs[1]).toMatchObject({ severity: 'error', code: 'scaled' });
  expect(after.dataBugs[1]).not.toHaveProperty('readings');
  expect(after).toMatchObject({ verdict: 'drift', drifted: 1, total: 2 });
  const calm = { ...report(scaled), unclear: [] };
  expect(settleUnclear(calm)).toBe(calm);
});

it('settles each of several columns by itself', () => {
  const both = report(scaled, { upstream: code });
  const two = unclearFinding('scaled', {}, 'two');
  const features: FeatureDrift[] = [
    ...both.features,
    {
      name: 'two',
      kind: 'numeric',
      role: 'feature',
      method: 'ks',
      verdict: 'unclear',
      context: { onset: { kind: 'gradual' } },
    },
  ];
  const after = settleUnclear({ ...both, features, unclear: [scaled, two] });
  const of = (name: string) => after.features.find((one) => one.name === name)?.verdict;
  expect([of('x'), of('two'), of('still')]).toEqual(['finding', 'drift', 'stable']);
  expect(after.unclear).toEqual([]);
});

it('counts unclear columns as stable for a pipeline that ignores them', () => {
  const after = withoutUnclear(report(scaled));
  expect(after.features.map((one) => [one.name, one.verdict])).toEqual([
    ['other', 'drift'],
    ['x', 'stable'],
    ['still', 'stable'],
  ]);
  expect(after).toMatchObject({ verdict: 'drift', drifted: 1, total: 3, unclear: [] });
});
