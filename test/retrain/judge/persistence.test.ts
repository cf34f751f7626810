import { describe, expect, it } from 'vitest';
import type { EvaluatedCondition } from '../../../src/domain/decisions/decision.js';
import type { Measurements } from '../../../src/domain/decisions/measurements.js';
import type { Persistence } from '../../../src/domain/pipeline/pipeline.js';
import { DAY_MS, type Instant, instantOf } from '../../../src/domain/support/time.js';
import { applyPersistence } from '../../../src/retrain/judge/persistence.js';

const day = (n: number): Instant => instantOf(n * DAY_MS);
const WEEKLY: Persistence = { count: 2, of: 3, everyMs: 7 * DAY_MS };

type State = EvaluatedCondition['state'];
const seen = (state: State, windowEnd?: Instant): EvaluatedCondition => ({
  condition: 'data_drift',
  key: 'k',
  state,
  windowEnd,
  detail: 'x',
});

/** What was evaluated on this day, as the ledger keeps it. */
const past = (n: number, state: State, more: Partial<EvaluatedCondition> = {}): EvaluatedCondition => ({
  ...seen(state, day(n)),
  held: state === 'fired' || state === 'suggests',
  ...more,
});

const evaluated = (state: State, history: readonly EvaluatedCondition[], persist = WEEKLY, now = day(100)) =>
  applyPersistence(seen(state), persist, { now, history } as Measurements);
const stateOf = (...args: Parameters<typeof evaluated>): State => evaluated(...args).state;

describe('"for: 2 of 3, every: 7d"', () => {
  it('fires with the second window that holds, and not with the first', () => {
    expect(stateOf('fired', [])).toBe('not-fired');
    expect(stateOf('fired', [past(93, 'fired')])).toBe('fired');
    expect(stateOf('fired', [past(93, 'not-fired')])).toBe('not-fired');
  });

  it('counts no further back than the third window', () => {
    expect(stateOf('fired', [past(93, 'not-fired'), past(86, 'fired')])).toBe('fired');
    expect(stateOf('fired', [past(93, 'not-fired'), past(86, 'not-fired'), past(79, 'fired')])).toBe('not-fired');
  });

  it('does not fire in a window that does not hold, though two before it did', () => {
    expect(stateOf('not-fired', [past(93, 'fired'), past(86, 'fired')])).toBe('not-fired');
  });

  it('keeps a suggestion a suggestion', () => {
    expect(stateOf('suggests', [past(93, 'suggests')])).toBe('suggests');
    expect(stateOf('suggests', [])).toBe('not-fired');
  });

  it('counts no window that could not be judged, neither as held nor as one of three', () => {
    const unknown = past(93, 'undecided', { held: undefined });
    expect(stateOf('fired', [unknown])).toBe('not-fired');
    expect(stateOf('fired', [unknown, past(86, 'not-fired'), past(79, 'fired')])).toBe('fired');
    expect(stateOf('undecided', [past(93, 'fired'), past(86, 'fired')])).toBe('undecided');
  });

  it('counts windows that lie exactly "every" apart, and none that lies closer', () => {
    const close = instantOf(day(93) + 1);
    expect(stateOf('fired', [past(93, 'fired')])).toBe('fired');
    expect(stateOf('fired', [seen('fired', close)])).toBe('not-fired');
    // 95 is too close to 100, so 93 counts; 88 is too close to 93
    expect(stateOf('fired', [past(95, 'not-fired'), past(93, 'not-fired'), past(88, 'fired'), past(86, 'fired')])).toBe(
      'fired',
    );
    expect(stateOf('fired', [past(95, 'fired'), past(93, 'not-fired'), past(88, 'fired')])).toBe('not-fired');
  });

  it('finds the windows in any order', () => {
    expect(stateOf('fired', [past(86, 'not-fired'), past(79, 'fired'), past(93, 'fired')])).toBe('fired');
  });

  it('uses the end of the judged window, not the time of the judgement', () => {
    const late = applyPersistence(seen('fired', day(97)), WEEKLY, {
      now: day(100),
      history: [past(93, 'fired')],
    } as unknown as Measurements);
    expect(late).toMatchObject({ state: 'not-fired', windowEnd: day(97) });
  });

  it('keeps what was measured, and says how many windows held', () => {
    expect(evaluated('fired', [past(93, 'fired')])).toEqual({
      ...seen('fired'),
      held: true,
      windowEnd: day(100),
      detail: 'x; held in 2 of 2 windows, 2 of 3 are needed',
    });
    expect(evaluated('not-fired', [past(93, 'fired'), past(86, 'fired'), past(79, 'fired')])).toMatchObject({
      held: false,
      detail: 'x; held in 2 of 3 windows, 2 of 3 are needed',
    });
  });
});

describe('the same trigger in earlier decisions', () => {
  it('is found at any depth of the tree, by its key alone', () => {
    const inTree = (leaf: EvaluatedCondition): EvaluatedCondition => ({
      condition: 'any',
      state: 'fired',
      of: [past(93, 'not-fired', { key: 'other' }), { condition: 'not', state: 'fired', of: [leaf] }],
    });
    expect(stateOf('fired', [inTree(past(93, 'fired'))])).toBe('fired');
    expect(stateOf('fired', [inTree(past(93, 'fired', { key: 'another' }))])).toBe('not-fired');
  });

  it('is found by kind and threshold where it was stored without a key', () => {
    const old = (more: Partial<EvaluatedCondition>) =>
      past(93, 'fired', { key: undefined, held: undefined, threshold: 0.3, measured: 0.5, ...more });
    const now = (history: readonly EvaluatedCondition[]): State =>
      applyPersistence({ ...seen('fired'), threshold: 0.3 }, WEEKLY, { now: day(100), history } as Measurements).state;
    expect(now([old({})])).toBe('fired');
    expect(now([old({ threshold: 0.4 })])).toBe('not-fired');
    expect(now([old({ condition: 'target_drift' })])).toBe('not-fired');
    // without "held" the figures say it: at the threshold it held, at 0 never
    expect(now([old({ measured: 0.3, state: 'not-fired' })])).toBe('fired');
    expect(now([old({ measured: 0.29 })])).toBe('not-fired');
    expect(now([old({ measured: 'x' })])).toBe('fired');
    expect(now([old({ measured: 'x', state: 'not-fired' })])).toBe('not-fired');
    const zero = applyPersistence({ ...seen('fired'), threshold: 0 }, WEEKLY, {
      now: day(100),
      history: [old({ threshold: 0, measured: 0 })],
    } as unknown as Measurements);
    expect(zero.state).toBe('not-fired');
  });

  it('counts only with the window it was judged on', () => {
    expect(stateOf('fired', [{ ...past(93, 'fired'), windowEnd: undefined }])).toBe('not-fired');
  });
});
