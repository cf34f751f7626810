import { describe, expect, it } from 'vitest';
import type { FeatureDrift, Onset } from '../../../src/domain/data/drift.js';
import type { PerformanceChange } from '../../../src/domain/data/performance.js';
import { DAY_MS, HOUR_MS, type Instant, instantOf } from '../../../src/domain/support/time.js';
import { driftChanges, fallChanges, unjudgedChanges } from '../../../src/retrain/judge/date-changes.js';

const NOW = instantOf(Date.parse('2026-06-15T00:00:00Z'));
const ago = (days: number): Instant => instantOf(NOW - days * DAY_MS);

const feature = (onset: Onset | undefined, more: Partial<FeatureDrift> = {}): FeatureDrift => ({
  name: 'x',
  kind: 'numeric',
  role: 'feature',
  method: 'ks',
  verdict: 'drift',
  ...(onset === undefined ? {} : { context: { onset } }),
  ...more,
});

const dated = (features: readonly FeatureDrift[], more: Partial<Parameters<typeof driftChanges>[0]> = {}) =>
  driftChanges({
    features,
    current: { from: ago(28), to: NOW },
    windowMs: 28 * DAY_MS,
    now: NOW,
    known: [],
    ...more,
  });

describe('driftChanges', () => {
  it('dates a column by the place in the window where its change begins: exactly at a boundary, else after its span', () => {
    expect(dated([feature({ kind: 'midnight', from: ago(9) })])).toEqual([
      { verdict: 'drift', subject: 'x', form: 'sudden', earliest: ago(9), latest: ago(9) },
    ]);
    const [inside] = dated([feature({ kind: 'inside', from: ago(9) })]);
    expect([inside?.earliest, inside?.latest]).toEqual([ago(9), ago(9) + HOUR_MS]);
    expect(dated([feature({ kind: 'gradual', from: ago(9) })])[0]?.form).toBe('gradual');
  });

  it('dates each column, also unclear ones and the label', () => {
    const found = dated([
      feature({ kind: 'file', from: ago(20) }, { verdict: 'unclear' }),
      feature({ kind: 'file', from: ago(10) }, { name: 'y', role: 'label' }),
    ]);
    expect(found.map((one) => [one.subject, one.latest])).toEqual([
      ['x', ago(20)],
      ['y', ago(10)],
    ]);
  });

  it('dates nothing for broken, stable or undecided columns, for predictions, and for what is over', () => {
    const begun: Onset = { kind: 'file', from: ago(20) };
    for (const verdict of ['finding', 'stable', 'undecided'] as const)
      expect(dated([feature(begun, { verdict })])).toEqual([]);
    expect(dated([feature(begun, { role: 'prediction' })])).toEqual([]);
    expect(dated([feature({ ...begun, until: ago(5) })])).toEqual([]);
    expect(dated([feature({ kind: 'inside', until: ago(5) })])).toEqual([]);
  });

  it('knows of a column that moved in the whole window only that it did so before, unless an earlier check saw it', () => {
    const whole = feature({ kind: 'whole-window' });
    expect(dated([whole])[0]).toMatchObject({ earliest: ago(28), latest: ago(28) });
    const trace = { since: ago(42), magnitude: 0.4, pathLength: 0.4, movement: 'trend' } as const;
    expect(dated([feature({ kind: 'whole-window' }, { trace })])[0]).toMatchObject({
      earliest: ago(42),
      latest: ago(28),
    });
    const known = { verdict: 'drift', subject: 'x', form: 'sudden', earliest: ago(40), latest: ago(40) } as const;
    expect(dated([whole], { known: [known, { ...known, subject: 'z', latest: ago(1) }] })).toEqual([known]);
    expect(dated([whole], { windowMs: undefined })).toEqual([]);
  });
});

const change = (more: Partial<PerformanceChange> = {}): PerformanceChange => ({
  form: 'sudden',
  kind: 'real',
  since: ago(30),
  sinceLower: ago(31),
  sinceUpper: ago(29),
  error: 'squared error',
  before: { value: 0.1, lower: 0.1, upper: 0.1, items: 100 },
  after: { value: 0.3, lower: 0.3, upper: 0.3, items: 100 },
  sentence: '',
  ...more,
});
const episode = { metric: 'auc', windowMs: 7 * DAY_MS, opened: ago(35) };
const ended = (because: 'recovered' | 'champion' | 'resolved') => ({ ...episode, end: { because, now: NOW, at: NOW } });

describe('fallChanges', () => {
  it('takes the interval of the change in the errors, and without one the first bad window', () => {
    expect(fallChanges([{ episode, change: change() }])).toEqual([
      { verdict: 'performance', subject: 'auc', form: 'sudden', earliest: ago(31), latest: ago(29) },
    ]);
    expect(fallChanges([{ episode, change: undefined }])[0]).toMatchObject({ earliest: ago(35), latest: ago(28) });
  });

  it('keeps the end of a slow change', () => {
    const [slow] = fallChanges([{ episode, change: change({ form: 'gradual', until: ago(12) }) }]);
    expect([slow?.form, slow?.complete]).toEqual(['gradual', ago(12)]);
    expect(fallChanges([{ episode, change: change({ form: 'incremental' }) }])[0]).not.toHaveProperty('complete');
  });

  it('counts a fall that a champion or a person has ended, and none that ended by itself', () => {
    const count = (because: Parameters<typeof ended>[0]) =>
      fallChanges([{ episode: ended(because), change: change() }]).length;
    expect([count('champion'), count('resolved'), count('recovered')]).toEqual([1, 1, 0]);
    expect(fallChanges([{ episode, change: change({ form: 'blip', until: ago(20) }) }])).toEqual([]);
  });
});

it('keeps what is known of a column that a check could not judge, and of no other', () => {
  const known = ['x', 'y', 'z'].map(
    (subject) => ({ verdict: 'drift', subject, form: 'sudden', earliest: ago(9), latest: ago(8) }) as const,
  );
  const fall = { ...known[0], verdict: 'performance', subject: 'mae' } as const;
  const features = [
    { name: 'x', verdict: 'finding' },
    { name: 'y', verdict: 'stable' },
  ] as const;
  expect(unjudgedChanges([...known, fall] as typeof known, features).map((one) => one.subject)).toEqual(['x', 'z']);
  // No check at all says nothing of any column.
  expect(unjudgedChanges(known, [])).toEqual(known);
});
