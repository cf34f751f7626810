import { describe, expect, it } from 'vitest';
import type { GateRule } from '../../../src/domain/pipeline/pipeline.js';
import { gateVerdict, judgeGate } from '../../../src/gate/judge/judge-gate.js';
import type { Rival, Scored } from '../../../src/gate/judge/judgement-input.js';
import { at, FAIL, metric, NA, NONE, PASS, rivalOf, score, verdictOf, versus } from './given-gate.js';

describe('commands', () => {
  const command = { kind: 'argv' as const, words: [] };
  const smoke: GateRule = { kind: 'smoke', command, timeoutMs: 1, at };
  const latency: GateRule = { kind: 'latency', command, timeoutMs: 1, maxMs: 50, quantile: 0.95, runs: 5, at };
  it.each([
    ['smoke, good', PASS, smoke, { isGood: true, detail: '' }],
    ['smoke, bad', FAIL, smoke, { isGood: false, detail: '' }],
    ['smoke, not run', FAIL, smoke, undefined],
    ['latency below', PASS, latency, { isGood: true, detail: '', latencyMs: 49 }],
    ['latency above', FAIL, latency, { isGood: true, detail: '', latencyMs: 51 }],
    ['latency at the limit', PASS, latency, { isGood: true, detail: '', latencyMs: 50 }],
    ['latency NaN', FAIL, latency, { isGood: true, detail: '', latencyMs: Number.NaN }],
    ['latency infinite', FAIL, latency, { isGood: true, detail: '', latencyMs: Number.POSITIVE_INFINITY }],
    ['latency not measured', FAIL, latency, { isGood: true, detail: '' }],
    ['latency of a command that failed', FAIL, latency, { isGood: false, detail: '', latencyMs: 1 }],
  ] as const)('%s: %s', (_what, verdict, rule, result) => {
    expect(verdictOf({ rule, command: result })).toBe(verdict);
  });
});

it.each([
  ['more than asked for', PASS, 4],
  ['as many as asked for', PASS, 3],
  ['too few', FAIL, 2],
  ['none', FAIL, undefined],
])('prior successes, %s: %s', (_what, verdict, successes) => {
  const rule: GateRule = { kind: 'successes', count: 3, at };
  expect(verdictOf({ rule, successes })).toBe(verdict);
});

describe('rivals and first versions', () => {
  const better = versus({ maxRegression: 0.01 });
  it.each([
    ['no champion yet', NA, better],
    ['nothing served before', NA, metric({ against: ['previous'], maxRegression: 0.01 })],
    ['a named version that is not there', FAIL, metric({ against: ['m@1'], maxRegression: 0.01 })],
  ])('%s: %s', (_what, verdict, rule) => expect(verdictOf({ rule })).toBe(verdict));

  it('gives one check for each rival', () => {
    const rule = metric({ against: ['champion', 'm@1'], maxRegression: 0.01, maxImprovement: 0.5 });
    const rivals = { champion: rivalOf(score(0.7)), 'm@1': rivalOf(score(0.9)) };
    const judged = {
      rules: [rule],
      first: 'gate',
      candidate: score(0.7),
      hasChampion: true,
      rivals,
      commands: [],
      successes: [],
    } as const;
    expect(judgeGate(judged).map((check) => check.verdict)).toEqual([PASS, PASS, FAIL, PASS]);
  });

  const smoke: GateRule = { kind: 'smoke', command: { kind: 'argv', words: [] }, timeoutMs: 1, at };
  it.each([
    ['no rule', 'gate', [], 'fail'],
    ['only a comparison', 'gate', [better], 'fail'],
    ['only a smoke test', 'gate', [smoke], 'fail'],
    ['a limit', 'gate', [metric({ min: 0.5 })], 'pass'],
    ['a limit that is missed', 'gate', [metric({ min: 2 })], 'fail'],
    ['only a comparison, accepted', 'accept', [better], 'pass'],
    ['no rule, accepted', 'accept', [], 'pass'],
    ['a smoke test that fails, accepted', 'accept', [smoke, smoke], 'fail'],
  ] as const)('a first version with %s and first: %s', (_what, first, rules, verdict) => {
    const commands = rules.length === 2 ? [{ isGood: false, detail: '' }] : [{ isGood: true, detail: '' }];
    const checks = judgeGate({
      rules,
      first,
      candidate: score(1),
      hasChampion: false,
      rivals: { champion: NONE },
      commands,
      successes: [],
    });
    expect(gateVerdict(checks)).toBe(verdict);
  });
});

it('says how many rows a margin needs, where there are too few, and not where no number would help', () => {
  const rows = 400;
  const label = Array.from({ length: rows }, (_, i) => i % 2);
  const wrong = (offset: number, every: number) => label.map((y, i) => ((i + offset) % every === 0 ? 1 - y : y));
  const detailOf = (candidate: readonly number[], champion: readonly number[]) => {
    const accuracy = (p: readonly number[]): Scored => ({
      metrics: { accuracy: p.filter((one, i) => one === label[i]).length / rows },
      unusable: {},
      slices: {},
    });
    const rule = versus({ metric: 'accuracy', maxRegression: 0.01, confidence: 0.95 });
    const rival: Rival = {
      kind: 'scored',
      label: 'champion',
      scored: accuracy(champion),
      pairs: { label, candidate, champion },
    };
    const [check] = judgeGate({
      rules: [rule],
      first: 'gate',
      candidate: accuracy(candidate),
      hasChampion: true,
      rivals: { champion: rival },
      commands: [],
      successes: [],
    });
    return check;
  };
  const equal = detailOf(wrong(0, 10), wrong(5, 10));
  expect(equal).toMatchObject({ verdict: 'fail', detail: expect.stringMatching(/about \d+ are needed/) });
  // paired differences of ±1 in a fifth of the rows: (1.645 × √0.2 / 0.01)² rows
  const needed = Number(/about (\d+)/.exec(equal?.detail ?? '')?.[1]);
  expect(needed).toBeGreaterThan(5000);
  expect(needed).toBeLessThan(5800);
  expect(detailOf(wrong(0, 4), wrong(5, 10))?.detail).not.toContain('needed');
});

it('fails if the predictions do not give the metric that evaluate wrote', () => {
  const pairs = { label: [0, 1, 0, 1], candidate: [0.1, 0.9, 0.2, 0.8], champion: [0.1, 0.9, 0.2, 0.8] };
  const rule = versus({ metric: 'accuracy', maxRegression: 0.1, confidence: 0.9 });
  const scored: Scored = { metrics: { accuracy: 0.6 }, unusable: {}, slices: {} };
  const rival: Rival = { kind: 'scored', label: 'champion', scored, pairs };
  const [check] = judgeGate({
    rules: [rule],
    first: 'gate',
    candidate: scored,
    hasChampion: true,
    rivals: { champion: rival },
    commands: [],
    successes: [],
  });
  expect(check).toMatchObject({
    verdict: 'fail',
    detail: expect.stringContaining('the predictions give the candidate accuracy 1'),
  });
});
