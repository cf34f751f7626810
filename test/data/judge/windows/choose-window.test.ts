import { describe, expect, it } from 'vitest';
import { chooseWindow } from '../../../../src/data/judge/windows/choose-window.js';
import type { DatedChange } from '../../../../src/domain/data/training-window.js';
import type { WindowSpec } from '../../../../src/domain/pipeline/pipeline.js';
import { DAY_MS, HOUR_MS, type Instant, instantOf, toIso } from '../../../../src/domain/support/time.js';

const NOW = Date.parse('2026-06-15T00:00:00Z');
const ago = (days: number): Instant => instantOf(NOW - days * DAY_MS);
const AUTO: WindowSpec = { kind: 'auto', minMs: 14 * DAY_MS, maxMs: 112 * DAY_MS };

const change = (daysAgo: number, more: Partial<DatedChange> = {}): DatedChange => ({
  verdict: 'drift',
  subject: 'x',
  form: 'sudden',
  earliest: ago(daysAgo),
  latest: ago(daysAgo),
  ...more,
});

const choose = (changes: readonly DatedChange[], window: WindowSpec = AUTO, now = NOW) =>
  chooseWindow({ name: 'rows', window }, { changes, now: instantOf(now), roundingMs: HOUR_MS });

/** Days before now, and why. */
const chosen = (...changes: readonly DatedChange[]) => {
  const { from, because } = choose(changes);
  return [from === undefined ? undefined : (NOW - from) / DAY_MS, because];
};

describe('chooseWindow', () => {
  it('takes the longest window, or all rows, without a change', () => {
    expect(chosen()).toEqual([112, 'no-change']);
    const all = choose([], { kind: 'auto', minMs: DAY_MS });
    expect([all.from, all.because, all.detail]).toEqual([
      undefined,
      'no-change',
      'rows: all rows, because no change is dated',
    ]);
    expect('from' in all).toBe(false);
  });

  it('begins at the later end of the interval of a change, so that no row from before it is taken', () => {
    expect(chosen(change(40, { earliest: ago(44), latest: ago(38) }))).toEqual([38, 'change']);
    const { detail } = choose([change(40)]);
    expect(detail).toBe('rows: 40d, since 2026-05-06 00:00: "x" moved (drift)');
  });

  it('takes the last of several changes, whatever their order', () => {
    const [first, last] = [change(60), change(30, { subject: 'z' })];
    for (const all of [
      [first, last],
      [last, first],
    ]) {
      expect(chosen(...all)).toEqual([30, 'change']);
      expect(choose(all).change?.subject).toBe('z');
    }
  });

  it('takes the shortest window where the change is younger, and says how much is from before', () => {
    expect(chosen(change(5))).toEqual([14, 'min']);
    expect(choose([change(5)]).detail).toContain(
      'rows: 14d (min): "x" moved (drift) on 2026-06-10; 9d of it are from before',
    );
    expect(chosen(change(14))).toEqual([14, 'change']);
  });

  it('takes the longest window where the change is older', () => {
    expect(chosen(change(113))).toEqual([112, 'max']);
    expect(chosen(change(112))).toEqual([112, 'change']);
    expect(choose([change(113)]).detail).toBe('rows: 112d (max): "x" changed before that, on 2026-02-22');
  });

  it('takes all rows since a gradual change began, and once it is complete those since then', () => {
    expect(chosen(change(50, { form: 'gradual' }))).toEqual([50, 'change']);
    expect(chosen(change(50, { form: 'gradual', complete: ago(20) }))).toEqual([20, 'change']);
    expect(chosen(change(50, { form: 'gradual', complete: ago(3) }))).toEqual([14, 'min']);
    expect(choose([change(50, { form: 'gradual', complete: ago(3) })]).detail).toContain('complete only on 2026-06-12');
  });

  it('takes the newest rows while an incremental change is under way', () => {
    expect(chosen(change(50, { form: 'incremental' }))).toEqual([14, 'min']);
    expect(choose([change(50, { form: 'incremental' })]).detail).toContain('the change is under way');
    expect(chosen(change(50, { form: 'incremental', complete: ago(20) }))).toEqual([20, 'change']);
  });

  it('begins where an earlier state came back', () => {
    expect(chosen(change(50), change(25, { form: 'recurring', verdict: 'performance', subject: 'auc' }))).toEqual([
      25,
      'change',
    ]);
  });

  it('ignores a change that lies in the future of a replayed moment', () => {
    expect(chosen(change(-3))).toEqual([112, 'no-change']);
  });

  it('rounds to the hour, away from rows before the change, and does not move within the hour', () => {
    const [late] = [change(40, { latest: instantOf(ago(40) + 10 * 60_000) })];
    expect(toIso(choose([late]).from ?? instantOf(0))).toBe('2026-05-06T01:00:00.000Z');
    const fixed = { kind: 'fixed', lengthMs: 90 * DAY_MS } as const;
    const [early, later] = [NOW + 60_000, NOW + 59 * 60_000].map((now) => choose([], fixed, now));
    expect(early?.from).toBe(later?.from);
    expect([early?.from, early?.because]).toEqual([ago(90), 'fixed']);
  });
});

describe('the sentence about a window', () => {
  it.each([
    ['a drift', change(40), '40d, since 2026-05-06 00:00: "x" moved (drift)'],
    [
      'a fall in performance',
      change(40, { verdict: 'performance', subject: 'auc' }),
      '40d, since 2026-05-06 00:00: auc fell (performance)',
    ],
    [
      'a gradual change',
      change(50, { form: 'gradual' }),
      '50d, since 2026-04-26 00:00: "x" moved, a gradual change (drift)',
    ],
    [
      'one that was complete later',
      change(50, { form: 'gradual', complete: ago(20) }),
      '20d, since 2026-05-26 00:00: "x" moved, a gradual change, complete by then (drift)',
    ],
    [
      'one that came back',
      change(25, { form: 'recurring' }),
      '25d, since 2026-05-21 00:00: "x" moved, back at an earlier state (drift)',
    ],
    [
      'a young one',
      change(5),
      '14d (min): "x" moved (drift) on 2026-06-10; 9d of it are from before, because less is too little to train on',
    ],
    [
      'one under way',
      change(50, { form: 'incremental' }),
      '14d (min): "x" moved, an incremental change (drift) on 2026-04-26, and the change is under way: the newest rows are the most like today',
    ],
    [
      'one that was complete only lately',
      change(50, { form: 'gradual', complete: ago(3) }),
      '14d (min): "x" moved, a gradual change (drift) on 2026-04-26, and the change was complete only on 2026-06-12',
    ],
    [
      'an old fall',
      change(113, { verdict: 'performance', subject: 'auc' }),
      '112d (max): auc changed before that, on 2026-02-22',
    ],
  ])('says it for %s', (_, one, expected) => {
    const window = choose([one]);
    expect(window.detail).toBe(`rows: ${expected}`);
    expect(window).toMatchObject({ dataset: 'rows', until: NOW, change: one });
  });

  it('says the length in days from three days on, else in hours', () => {
    const text = (hours: number) => choose([], { kind: 'fixed', lengthMs: hours * HOUR_MS }).detail;
    expect([36, 71, 72, 85].map(text)).toEqual(['rows: 1d 12h', 'rows: 2d 23h', 'rows: 3d', 'rows: 4d']);
    expect(choose([], { kind: 'fixed', lengthMs: 36.4 * HOUR_MS }).detail).toBe('rows: 1d 12h');
  });

  it('says that no change is dated', () => {
    expect(choose([]).detail).toBe('rows: 112d (max), because no change is dated');
  });

  it('counts a change of this very moment, and not one of the next', () => {
    expect(chosen(change(0))).toEqual([14, 'min']);
    expect(choose([change(0, { earliest: instantOf(NOW + 1) })]).because).toBe('no-change');
  });

  it('takes the later of the ends where a change seemed complete before it was certain', () => {
    expect(chosen(change(20, { form: 'gradual', complete: ago(30) }))).toEqual([20, 'change']);
  });
});
