import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/domain/data/finding.js';
import { DAY_MS, HOUR_MS, instantOf } from '../../../src/domain/support/time.js';
import { decide, type Situation } from '../../../src/retrain/judge/decide.js';
import { holdUnclear, unclearSubjects } from '../../../src/retrain/judge/unclear-hold.js';

const at = { file: 'p.yaml', line: 1, col: 1, endCol: 2 };
const now = instantOf(100 * DAY_MS);
const finding = (more: Partial<Finding> = {}): Finding =>
  ({
    id: 'f-1',
    code: 'missing-rose',
    dataset: 'd',
    column: 'age',
    severity: 'unclear',
    detail: '4 % of rows',
    ...more,
  }) as Finding;
const spec = (onUnclear?: 'hold' | 'train' | 'ignore'): Situation['spec'] => ({
  when: { kind: 'code_change', at },
  onDataBug: 'hold',
  mode: 'automatic',
  onUnclear,
  at,
});
const hold = (ms: number, ...subjects: readonly string[]) => ({ now: instantOf(now - ms), subjects });
type Given = Partial<Parameters<typeof holdUnclear>[0]>;
const held = (given: Given = {}) => holdUnclear({ now, unclear: [finding()], unclearHolds: [], ...given });

describe('a column that may be broken', () => {
  it('holds a training, with all that is known of it', () => {
    expect(held({ unclear: [finding(), finding({ id: 'f-2' as Finding['id'], column: undefined })] })).toEqual({
      condition: 'unclear',
      state: 'fired',
      detail: 'held once; a window 1d later that shows it again trains',
      of: [
        {
          condition: 'unclear',
          state: 'fired',
          key: 'd/age/missing-rose',
          measured: 'f-1',
          detail: 'unclear: age: missing-rose: 4 % of rows',
        },
        {
          condition: 'unclear',
          state: 'fired',
          key: 'd//missing-rose',
          measured: 'f-2',
          detail: 'unclear: missing-rose: 4 % of rows',
        },
      ],
    });
    expect(held({ unclear: [finding({ dataset: undefined })] })?.of?.[0]?.key).toBe('/age/missing-rose');
    expect(held({ unclear: [] })).toBeUndefined();
  });

  it('holds it once: a window later the same is the world', () => {
    const later = (ms: number, more: Given = {}) => held({ unclearHolds: [hold(ms, 'd/age/missing-rose')], ...more });
    expect(later(DAY_MS - 1)).toBeDefined();
    expect(later(DAY_MS)).toBeUndefined();
    expect(later(DAY_MS, { unclear: [finding({ column: 'delay' })] })).toBeDefined();
    const both = later(DAY_MS, { unclear: [finding(), finding({ column: 'delay' })] });
    expect(both?.of?.map((one) => one.key)).toEqual(['d/delay/missing-rose']);
  });

  it('waits for a window, at most for a day', () => {
    const later = (ms: number, windowMs: number) =>
      held({ unclearHolds: [hold(ms, 'd/age/missing-rose')], windowMs }) === undefined;
    expect(later(HOUR_MS, HOUR_MS)).toBe(true);
    expect(later(HOUR_MS - 1, HOUR_MS)).toBe(false);
    expect(later(DAY_MS, 7 * DAY_MS)).toBe(true);
    expect(later(DAY_MS - 1, 7 * DAY_MS)).toBe(false);
    expect(held({ windowMs: HOUR_MS })?.detail).toBe('held once; a window 1h later that shows it again trains');
  });

  it('holds as long as it is there, or not at all, where that is declared', () => {
    const old = [hold(9 * DAY_MS, 'd/age/missing-rose')];
    expect(held({ spec: spec('hold'), unclearHolds: old })).toMatchObject({
      detail: 'held until it is resolved or gone',
      of: [{ key: 'd/age/missing-rose' }],
    });
    expect(held({ spec: spec('train') })).toBeUndefined();
    expect(held({ spec: spec('ignore') })).toBeUndefined();
    expect(held({ spec: spec() })).toBeDefined();
  });

  it('is remembered by its subjects', () => {
    expect(unclearSubjects(held() ?? { condition: '', state: 'fired' })).toEqual(['d/age/missing-rose']);
    expect(unclearSubjects({ condition: 'unclear', state: 'fired' })).toEqual([]);
    expect(
      unclearSubjects({ condition: 'any', state: 'fired', of: [{ condition: 'x', state: 'fired', key: 'k' }] }),
    ).toEqual([]);
  });
});

describe('the decision to hold', () => {
  const base: Situation = {
    now,
    spec: spec(),
    hasChampion: true,
    isForced: false,
    conditions: { condition: 'code_change', state: 'fired' },
    dataBugs: [],
    unclear: [finding(), finding({ column: undefined, code: 'rows-missing' })],
    retrainedAt: [],
    failuresInARow: 0,
  };

  it('names the columns, or the kind of change where there is none', () => {
    expect(decide(base)).toMatchObject({
      decision: 'hold',
      because: { condition: 'unclear' },
      summary:
        'a fault or a changed world in "age", "rows-missing": held once; a window 1d later that shows it again trains',
    });
  });

  it('comes after force and pauses, before a missing champion, and not where nothing is unclear', () => {
    expect(decide({ ...base, isForced: true }).decision).toBe('retrain');
    expect(decide({ ...base, failuresInARow: 3 }).decision).toBe('paused');
    expect(decide({ ...base, hasChampion: false }).decision).toBe('hold');
    expect(decide({ ...base, unclear: undefined }).decision).toBe('retrain');
    const unclearHolds = [hold(DAY_MS, 'd/age/missing-rose', 'd//rows-missing')];
    expect(decide({ ...base, unclearHolds }).decision).toBe('retrain');
  });
});
