import { describe, expect, it } from 'vitest';
import type { GateCheck } from '../../../src/domain/models/model.js';
import type { GateRule } from '../../../src/domain/pipeline/pipeline.js';
import { figure, signed } from '../../../src/gate/judge/figure.js';
import { judgeGate } from '../../../src/gate/judge/judge-gate.js';
import type { Judged, MetricRule, Rival, Scored } from '../../../src/gate/judge/judgement-input.js';

const at = { file: 'p.yaml', line: 1, col: 1, endCol: 2 };
const rule = (more: Partial<MetricRule>): MetricRule => ({
  kind: 'metric',
  metric: 'accuracy',
  direction: 'higher',
  isRelative: false,
  against: [],
  at,
  ...more,
});
const versus = (more: Partial<MetricRule>): MetricRule => rule({ against: ['champion'], ...more });
const scored = (metrics: Record<string, number>): Scored => ({ metrics, unusable: {}, slices: {} });

function judged(one: GateRule, candidate: Scored, champion: Scored | Rival, more: Partial<Judged> = {}): GateCheck {
  const rival: Rival = 'kind' in champion ? champion : { kind: 'scored', label: 'champion', scored: champion };
  const [check] = judgeGate({
    rules: [one],
    first: 'gate',
    candidate,
    hasChampion: true,
    rivals: { champion: rival },
    commands: [],
    successes: [],
    ...more,
  });
  if (check === undefined) throw new Error('no check');
  return check;
}

describe('figures', () => {
  it.each([
    [0.123456, '0.1235'],
    [0.1, '0.1'],
    [-0.00004, '-0.00004'],
    [999.99994, '999.9999'],
    [1000, '1000'],
    [1234.5678, '1235'],
    [-1234.4, '-1234'],
  ])('%f is %s', (value, text) => expect(figure(value)).toBe(text));

  it('have a sign where they are a gain', () => {
    expect([signed(0.5), signed(-0.5), signed(0)]).toEqual(['+0.5', '−0.5', '+0']);
  });
});

describe('what a comparison says', () => {
  it('both values, how far they lie apart, and which is better', () => {
    const one = versus({ maxRegression: 0.05 });
    expect(judged(one, scored({ accuracy: 0.71 }), scored({ accuracy: 0.8 }))).toEqual({
      name: 'accuracy against champion, max_regression 0.05',
      verdict: 'fail',
      observed: expect.closeTo(-0.09),
      limit: -0.05,
      detail: 'candidate 0.71, champion 0.8 (0.09 worse)',
    });
    expect(judged(one, scored({ accuracy: 0.9 }), scored({ accuracy: 0.8 })).detail).toBe(
      'candidate 0.9, champion 0.8 (0.1 better)',
    );
    expect(judged(one, scored({ accuracy: 0.8 }), scored({ accuracy: 0.8 })).detail).toBe(
      'candidate 0.8, champion 0.8 (0 better)',
    );
    const loss = versus({ metric: 'loss', direction: 'lower', minImprovement: 0.05 });
    expect(judged(loss, scored({ loss: 0.4 }), scored({ loss: 0.5 }))).toMatchObject({
      name: 'loss against champion, min_improvement 0.05',
      observed: expect.closeTo(0.1),
      limit: 0.05,
      detail: 'candidate 0.4, champion 0.5 (0.1 better)',
    });
  });

  it('the margin in the unit of the metric where it is relative', () => {
    const relative = versus({ maxImprovement: 0.1, isRelative: true });
    expect(judged(relative, scored({ accuracy: 0.81 }), scored({ accuracy: 0.8 }))).toMatchObject({
      name: 'accuracy against champion, max_improvement 0.1 (relative)',
      observed: expect.closeTo(0.01),
      limit: expect.closeTo(0.08),
    });
    expect(judged(relative, scored({ accuracy: 1 }), scored({ accuracy: 0 })).detail).toBe(
      'a relative margin of a champion at 0 means nothing; use an absolute one',
    );
  });

  it('why there is nothing to compare: a missing metric of either, a rival that could not be scored, none', () => {
    const one = versus({ maxRegression: 0.05 });
    const [has, lacks] = [scored({ accuracy: 0.8 }), scored({ auc: 0.7, f1: 0.6 })];
    expect(judged(one, lacks, has).detail).toBe(
      'the candidate was not scored with "accuracy"; it has auc, f1. Let "evaluate" write { "accuracy": 0.64 }',
    );
    expect(judged(one, has, lacks).detail).toBe(
      'the champion was not scored with "accuracy"; it has auc, f1. Let "evaluate" write { "accuracy": 0.64 }',
    );
    expect(judged(one, scored({}), has).detail).toContain('it has no metrics');
    expect(judged(one, scored({ accuracy: Number.NaN }), has).detail).toBe(
      'the candidate has accuracy = NaN, which is not a finite number',
    );
    expect(judged(one, has, { kind: 'unscored', why: 'it crashed' })).toEqual({
      name: 'accuracy against champion, max_regression 0.05',
      verdict: 'fail',
      limit: 0.05,
      detail: 'it crashed',
    });
    expect(judged(one, has, { kind: 'none', why: 'nobody serves' })).toMatchObject({
      verdict: 'not-applicable',
      detail: 'nobody serves',
    });
  });
});

describe('with confidence', () => {
  /** The candidate is wrong in so many of these rows, the champion in as many others. */
  function paired(rows: number, wrong: { readonly candidate: number; readonly champion: number }) {
    const label = Array.from({ length: rows }, (_, i) => i % 2);
    const candidate = label.map((y, i) => (i < wrong.candidate ? 1 - y : y));
    const champion = label.map((y, i) => (i >= rows - wrong.champion ? 1 - y : y));
    const accuracy = (count: number): Scored => scored({ accuracy: 1 - count / rows });
    const rival: Rival = {
      kind: 'scored',
      label: 'champion',
      scored: accuracy(wrong.champion),
      pairs: { label, candidate, champion },
    };
    return { own: accuracy(wrong.candidate), rival };
  }
  const sure = (more: Partial<MetricRule>) => versus({ confidence: 0.95, ...more });
  const look = (one: MetricRule, rows: number, candidate: number, champion: number): GateCheck => {
    const made = paired(rows, { candidate, champion });
    return judged(one, made.own, made.rival);
  };

  it('says the gain that is surely reached, and on how many rows', () => {
    const check = look(sure({ maxRegression: 0.1 }), 400, 20, 20);
    expect(check).toEqual({
      name: 'accuracy against champion, max_regression 0.1',
      verdict: 'pass',
      observed: expect.closeTo(-1.64485 * Math.sqrt(((40 / 400) * (400 / 399)) / 400), 6),
      limit: -0.1,
      detail: 'candidate 0.95, champion 0.95 (0 better); with 95 % confidence at least −0.026 on 400 paired rows',
    });
    expect(look(sure({ confidence: 0.975, maxRegression: 0.1 }), 400, 20, 20).detail).toContain(
      'with 97.5 % confidence',
    );
  });

  it('says about how many rows would do, and nothing of rows where none would', () => {
    const check = look(sure({ maxRegression: 0.01 }), 400, 20, 20);
    expect(check.verdict).toBe('fail');
    const width = 1.644854 * Math.sqrt(((40 / 400) * (400 / 399)) / 400);
    const needed = Math.ceil(400 * (width / 0.01) ** 2);
    expect(check.detail).toMatch(
      new RegExp(`paired rows; too few rows to be sure: about ${needed} are needed at this difference$`),
    );
    expect(look(sure({ maxRegression: 0.01 }), 400, 24, 20).detail).toMatch(/paired rows$/);
    expect(look(sure({ maxRegression: 0.01 }), 400, 40, 20).detail).toMatch(/paired rows$/);
  });

  it('asks for an improvement that is sure', () => {
    expect(look(sure({ minImprovement: 0.05 }), 400, 0, 60)).toMatchObject({ verdict: 'pass', limit: 0.05 });
    expect(look(sure({ minImprovement: 0.14 }), 400, 0, 60).verdict).toBe('fail');
  });

  it('fails without predictions, and for a metric that is not computed from them', () => {
    const one = sure({ maxRegression: 0.01 });
    const [candidate, champion] = [scored({ accuracy: 0.9, ndcg: 0.9 }), scored({ accuracy: 0.8, ndcg: 0.8 })];
    expect(judged(one, candidate, champion)).toMatchObject({
      verdict: 'fail',
      limit: -0.01,
      detail: expect.stringContaining('(0.1 better); "confidence" needs predictions of the same rows'),
    });
    const { rival } = paired(400, { candidate: 20, champion: 20 });
    const other = rival.kind === 'scored' ? { ...rival, scored: champion } : rival;
    expect(judged({ ...one, metric: 'ndcg' }, candidate, other).verdict).toBe('fail');
  });

  it('takes predictions whose metric differs from the evaluation by two hundredths, and none beyond', () => {
    const { rival } = paired(400, { candidate: 20, champion: 20 });
    const off = (by: number) => judged(sure({ maxRegression: 0.2 }), scored({ accuracy: 0.95 - by }), rival);
    expect(off(0.0199).verdict).toBe('pass');
    expect(off(0.0201)).toMatchObject({
      verdict: 'fail',
      detail: expect.stringContaining('the predictions give the candidate accuracy 0.95, so the interval'),
    });
  });

  it('lets large figures differ by two hundredths of themselves', () => {
    const label = [100, 200, 300, 400];
    const pairs = { label, candidate: label.map((y) => y + 100), champion: label.map((y) => y + 101) };
    const one = versus({ metric: 'mae', direction: 'lower', maxRegression: 10, confidence: 0.9 });
    const rival: Rival = { kind: 'scored', label: 'champion', scored: scored({ mae: 101 }), pairs };
    expect(judged(one, scored({ mae: 101.9 }), rival).verdict).toBe('pass');
    expect(judged(one, scored({ mae: 102.1 }), rival).verdict).toBe('fail');
  });
});

describe('what a rule without a rival says', () => {
  it('the figure beside the limit', () => {
    expect(judged(rule({ min: 0.5 }), scored({ accuracy: 0.71239 }), scored({}))).toEqual({
      name: 'accuracy >= 0.5',
      verdict: 'pass',
      observed: 0.71239,
      limit: 0.5,
      detail: 'it is 0.7124',
    });
    expect(judged(rule({ max: 0.5 }), scored({ accuracy: 0.7 }), scored({}))).toMatchObject({
      name: 'accuracy <= 0.5',
      verdict: 'fail',
    });
  });

  const command = { kind: 'argv' as const, words: [] };
  const smoke: GateRule = { kind: 'smoke', command, timeoutMs: 1, at };
  const latency: GateRule = { kind: 'latency', command, timeoutMs: 1, maxMs: 50, quantile: 0.95, runs: 5, at };
  const run = (one: GateRule, ...commands: Judged['commands']) => judged(one, scored({}), scored({}), { commands });

  it('how its command ended', () => {
    expect(run(smoke, { isGood: true, detail: 'exit 0' })).toEqual({
      name: 'smoke',
      verdict: 'pass',
      detail: 'exit 0',
    });
    expect(run(smoke)).toEqual({ name: 'smoke', verdict: 'fail', detail: 'it was not run' });
    expect(run(latency, { isGood: true, detail: 'p95 of 5', latencyMs: 12 })).toEqual({
      name: 'latency <= 50ms',
      verdict: 'pass',
      observed: 12,
      limit: 50,
      detail: 'p95 of 5',
    });
    expect(run(latency)).toEqual({
      name: 'latency <= 50ms',
      verdict: 'fail',
      limit: 50,
      detail: 'it was not measured',
    });
    expect(run(latency, { isGood: false, detail: 'exit 1' }).detail).toBe('exit 1');
  });

  it('gives each command and each count of successes to its own rule', () => {
    const checks = judgeGate({
      rules: [
        latency,
        { kind: 'successes', count: 2, at },
        smoke,
        { kind: 'successes', count: 2, profile: 'full', at },
      ],
      first: 'gate',
      candidate: scored({}),
      hasChampion: true,
      rivals: {},
      commands: [
        { isGood: true, detail: 'a', latencyMs: 1 },
        { isGood: false, detail: 'b' },
      ],
      successes: [2, 1],
    });
    expect(checks).toMatchObject([
      { detail: 'a', verdict: 'pass' },
      {
        name: 'prior successes >= 2',
        verdict: 'pass',
        observed: 2,
        limit: 2,
        detail: 'of the other runs the last 2 succeeded, 2 are required',
      },
      { detail: 'b', verdict: 'fail' },
      {
        name: 'prior successes >= 2 under profile full',
        verdict: 'fail',
        observed: 1,
        detail: 'of the other runs under profile full the last 1 succeeded, 2 are required',
      },
    ]);
  });

  it('says why a first version was accepted, or that nothing judged it', () => {
    const first = (rules: readonly GateRule[], accept: 'accept' | 'gate') =>
      judgeGate({
        rules,
        first: accept,
        candidate: scored({ accuracy: 0.1 }),
        hasChampion: false,
        rivals: { champion: { kind: 'none', why: 'nobody serves' } },
        commands: [],
        successes: [],
      });
    const accepted = 'first: accept, and there is no champion';
    expect(first([rule({ min: 0.5 })], 'accept')).toEqual([
      { name: 'accuracy', verdict: 'not-applicable', detail: accepted },
      { name: 'first version', verdict: 'pass', detail: accepted },
    ]);
    expect(first([versus({ maxRegression: 0.1 })], 'gate').at(-1)).toMatchObject({
      name: 'first version',
      verdict: 'fail',
      detail: expect.stringMatching(/^no check says what a model must reach by itself/),
    });
    expect(first([rule({ max: 0.5 })], 'gate')).toHaveLength(1);
  });

  it('is a bug when its rival was not provided', () => {
    expect(() => judged(rule({ against: ['previous'], maxRegression: 1 }), scored({}), scored({}))).toThrow(
      'no rival was found for "previous"',
    );
  });
});
