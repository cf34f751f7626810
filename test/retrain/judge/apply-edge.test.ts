import { describe, expect, it } from 'vitest';
import type { EvaluatedCondition } from '../../../src/domain/decisions/decision.js';
import type { TakenTrigger } from '../../../src/domain/decisions/measurements.js';
import type { DecisionId } from '../../../src/domain/ids.js';
import { DAY_MS, HOUR_MS, type Instant, instantOf, toIso } from '../../../src/domain/support/time.js';
import { applyEdge, keyOf, type Leaf } from '../../../src/retrain/judge/fire-once.js';
import type { Seen } from '../../../src/retrain/judge/triggers/seen.js';
import { at, hour, NOTHING } from './triggers/measure.js';

const performance = { kind: 'performance', metric: 'auc', drop: 0.03, at } as Leaf;
const drift = { kind: 'data_drift', share: 0.3, at } as Leaf;
const taken = (id: string, now: Instant, decision = 'd-1'): TakenTrigger => ({
  id,
  now,
  decision: decision as DecisionId,
});
const apply = (leaf: Leaf, seen: Partial<Seen>, given: object = {}): EvaluatedCondition =>
  applyEdge({ condition: leaf.kind, state: 'fired', detail: 'x', key: 'k', ...seen }, leaf, { ...NOTHING, ...given });

describe('a fall', () => {
  const opened = hour(900);
  const id = `performance:k:fall:${toIso(opened)}`;
  const fell = (given: object = {}, leaf = performance) => apply(leaf, { fall: { opened, since: hour(880) } }, given);

  it('is a reason, the first one of its opening', () => {
    expect(fell()).toEqual({ condition: 'performance', state: 'fired', detail: 'x', key: 'k', ids: [`${id}#1`] });
    expect(apply(performance, { state: 'not-fired', fall: { opened, since: opened } }).ids).toBeUndefined();
  });

  it('is one again when half as many rows more show it', () => {
    // trained at hour 920, forty hours after it began: again twenty hours later
    const trained = { taken: [taken(`${id}#1`, hour(920))] };
    expect(fell({ ...trained, now: hour(940) }).ids).toEqual([`${id}#2`]);
    expect(fell({ ...trained, now: instantOf(hour(940) - 1) })).toMatchObject({
      state: 'not-fired',
      detail: `x; d-1 has trained for it 19h 59m ago, again from ${toIso(hour(940))}`,
    });
  });

  it('is one again after a week at the latest, and at once if it was trained for before it is known to have begun', () => {
    const old = { taken: [taken(`${id}#1`, hour(880 + 1000))] };
    const week = hour(1880 + 7 * 24);
    expect(fell({ ...old, now: week }).state).toBe('fired');
    expect(fell({ ...old, now: instantOf(week - 1) }).state).toBe('not-fired');
    expect(fell({ taken: [taken(`${id}#1`, hour(870))], now: hour(870) }).state).toBe('fired');
  });

  it('is one again after exactly the declared time', () => {
    const declared = { ...performance, againMs: DAY_MS } as Leaf;
    const trained = { taken: [taken(`${id}#1`, hour(920))] };
    expect(fell({ ...trained, now: hour(944) }, declared).state).toBe('fired');
    expect(fell({ ...trained, now: instantOf(hour(944) - 1) }, declared).state).toBe('not-fired');
  });

  it('counts its trainings, waits from the newest one, and knows no other fall', () => {
    const others = [taken(`${id}#2`, hour(990), 'd-2'), taken(`${id}#1`, hour(920))];
    for (const both of [others, [...others].reverse()]) {
      expect(fell({ taken: both, now: hour(1000) }).detail).toMatch(/^x; d-2 has trained for it 10h ago/);
      expect(fell({ taken: both, now: hour(2000) }).ids).toEqual([`${id}#3`]);
    }
    const another = [taken(`performance:k:fall:${toIso(hour(800))}#1`, hour(999))];
    expect(fell({ taken: another }).ids).toEqual([`${id}#1`]);
  });
});

describe('an occasion', () => {
  it('fires for those that nothing was trained for, and names the newest training where none is left', () => {
    const upstream = { kind: 'upstream', model: 'base', at } as Leaf;
    const both = { occasions: ['1', '2'] };
    const [one, two] = ['1', '2'].map((n) => `upstream:k:${n}`) as [string, string];
    expect(apply(upstream, both).ids).toEqual([one, two]);
    expect(apply(upstream, both, { taken: [taken(one, hour(1))] }).ids).toEqual([two]);
    const all = [taken(two, hour(2), 'd-2'), taken(one, hour(1))];
    expect(apply(upstream, both, { taken: all })).toMatchObject({
      state: 'not-fired',
      detail: 'x; d-2 has trained for it',
    });
    expect(apply(upstream, { ...both, detail: undefined }, { taken: all }).detail).toBe('; d-2 has trained for it');
    expect(apply(upstream, { state: 'not-fired', occasions: [] })).not.toHaveProperty('ids');
  });
});

describe('a state', () => {
  it('has an id for each moment as a level, and none while it does not hold', () => {
    const level = { ...drift, fires: 'level' } as Leaf;
    expect(apply(level, {}).ids).toEqual([`data_drift:k:${toIso(hour(1000))}`]);
    expect(apply(level, { state: 'not-fired' }).ids).toBeUndefined();
  });

  it('is of the champion, but that of a command is of the world', () => {
    const command = { kind: 'command', command: { kind: 'argv', words: [] }, at } as unknown as Leaf;
    const from = toIso(hour(1000));
    expect(apply(drift, {}, { championVersion: 3 }).ids).toEqual([`data_drift:k:v3:${from}#1`]);
    expect(apply(drift, {}).ids).toEqual([`data_drift:k:v0:${from}#1`]);
    expect(apply(command, {}, { championVersion: 3 }).ids).toEqual([`command:k:any:${from}#1`]);
    expect(apply(drift, { state: 'undecided' })).toMatchObject({ heldPeriod: undefined, state: 'undecided' });
  });

  it('says when it was trained for, and becomes a reason again a hundredth of "again" early', () => {
    const leaf = { ...drift, againMs: 10 * HOUR_MS } as Leaf;
    const id = `data_drift:k:v0:${toIso(hour(900))}`;
    const before = {
      ...{ condition: 'data_drift', state: 'fired', key: 'k' },
      heldPeriod: { from: hour(900), heldAt: hour(999) },
    };
    const look = (now: Instant) => apply(leaf, {}, { now, history: [before], taken: [taken(`${id}#1`, hour(995))] });
    expect(look(hour(1000))).toMatchObject({
      state: 'not-fired',
      detail: 'x; d-1 has trained for it 5h ago, again after 10h',
    });
    // a hundredth of ten hours is six minutes
    const due = hour(1005) - HOUR_MS / 10;
    expect(look(instantOf(due)).ids).toEqual([`${id}#2`]);
    expect(look(instantOf(due - 1)).state).toBe('not-fired');
  });
});

it('gives a trigger the same key in whatever order its limits stand', () => {
  const one = { kind: 'new_data', dataset: 'd', rows: 5, files: 2, at } as Leaf;
  const other = { files: 2, at, rows: 5, dataset: 'd', kind: 'new_data' } as Leaf;
  expect(keyOf(other)).toBe(keyOf(one));
  expect(keyOf(one)).toMatch(/^[0-9a-f]{8}$/);
});
