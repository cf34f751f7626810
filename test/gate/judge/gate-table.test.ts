import { describe, expect, it } from 'vitest';
import type { GateRule } from '../../../src/domain/pipeline/pipeline.js';
import { gateVerdict, judgeGate } from '../../../src/gate/judge/judge-gate.js';
import type { CommandResult, Rival, Scored } from '../../../src/gate/judge/judgement-input.js';

/** Gate semantics as a table: every rule × pass, fail, boundary, what is no number, zero and negative champions, slices. */

const at = { file: 'p.yaml', line: 1, col: 1, endCol: 2 };
type Metric = Extract<GateRule, { readonly kind: 'metric' }>;

const metric = (more: Partial<Metric>): Metric => ({
  kind: 'metric',
  metric: 'm',
  direction: 'higher',
  isRelative: false,
  against: [],
  at,
  ...more,
});
const versus = (more: Partial<Metric>): Metric => metric({ against: ['champion'], ...more });

/** `undefined`: the metric is missing; text: what evaluate wrote in its place. */
type Value = number | string | undefined;
const score = (value: Value): Scored => ({
  metrics: typeof value === 'number' ? { m: value } : {},
  unusable: typeof value === 'string' ? { m: value } : {},
  slices: {},
});

type Groups = Readonly<Record<string, readonly [value: number | undefined, rows: number | undefined]>>;
const sliced = (groups: Groups): Scored => ({
  metrics: { m: 0 },
  unusable: {},
  slices: {
    by: Object.fromEntries(
      Object.entries(groups).map(([name, [value, rows]]) => [
        name,
        { ...(value === undefined ? {} : { m: value }), ...(rows === undefined ? {} : { n: rows }) },
      ]),
    ),
  },
});

const NONE: Rival = { kind: 'none', why: 'there is no champion yet' };
const rivalOf = (scored: Scored | undefined): Rival =>
  scored === undefined ? NONE : { kind: 'scored', label: 'champion', scored };

interface Given {
  readonly rule: GateRule;
  readonly candidate?: Scored;
  readonly champion?: Scored;
  readonly command?: CommandResult;
  readonly successes?: number;
}

/** The verdict on one rule; a second rule that passes keeps the gate from being empty. */
function verdictOf({ rule, candidate = score(1), champion, command, successes }: Given): string {
  const [check] = judgeGate({
    rules: [rule],
    first: 'gate',
    candidate,
    hasChampion: true,
    rivals: {
      champion: rivalOf(champion),
      previous: NONE,
      'm@1': { kind: 'unscored', why: 'there is no version m@1' },
    },
    commands: command === undefined ? [] : [command],
    successes: successes === undefined ? [] : [successes],
  });
  return check?.verdict ?? 'no check';
}

const [PASS, FAIL, NA] = ['pass', 'fail', 'not-applicable'] as const;
type Row = readonly [what: string, verdict: string, candidate: Value, champion?: Value];

const NO_NUMBERS: readonly Row[] = [
  ['NaN', FAIL, 'NaN', 0.5],
  ['+infinity', FAIL, 'Infinity', 0.5],
  ['−infinity', FAIL, '-Infinity', 0.5],
  ['NaN that got through', FAIL, Number.NaN, 0.5],
  ['+infinity that got through', FAIL, Number.POSITIVE_INFINITY, 0.5],
  ['−infinity that got through', FAIL, Number.NEGATIVE_INFINITY, 0.5],
  ['missing metric', FAIL, undefined, 0.5],
];
const NO_NUMBERS_OF_THE_CHAMPION: readonly Row[] = [
  ['NaN of the champion', FAIL, 0.5, 'NaN'],
  ['+infinity of the champion', FAIL, 0.5, 'Infinity'],
  ['−infinity of the champion', FAIL, 0.5, Number.NEGATIVE_INFINITY],
  ['metric missing of the champion', FAIL, 0.5, undefined],
];

const TABLE: readonly (readonly [rule: string, GateRule, readonly Row[]])[] = [
  [
    'min',
    metric({ min: 0.6 }),
    [
      ['above', PASS, 0.7],
      ['below', FAIL, 0.59],
      ['at the limit', PASS, 0.6],
      ['negative', FAIL, -1],
      ['zero', FAIL, 0],
      ...NO_NUMBERS,
    ],
  ],
  [
    'min of 0',
    metric({ min: 0 }),
    [['above', PASS, 0.1], ['at the limit', PASS, 0], ['below', FAIL, -1e-9], ...NO_NUMBERS],
  ],
  [
    'max',
    metric({ max: 40 }),
    [['below', PASS, 39], ['above', FAIL, 40.1], ['at the limit', PASS, 40], ['negative', PASS, -1], ...NO_NUMBERS],
  ],
  [
    'max_regression, higher is better',
    versus({ maxRegression: 0.01 }),
    [
      ['better', PASS, 0.8, 0.7],
      ['worse within', PASS, 0.695, 0.7],
      ['worse beyond', FAIL, 0.68, 0.7],
      ['at the limit', PASS, 0.69, 0.7],
      ['just beyond', FAIL, 0.6899, 0.7],
      ['champion at zero, within', PASS, -0.005, 0],
      ['champion at zero, beyond', FAIL, -0.02, 0],
      ['negative champion, better', PASS, -99, -100],
      ['negative champion, worse', FAIL, -101, -100],
      ...NO_NUMBERS,
      ...NO_NUMBERS_OF_THE_CHAMPION,
    ],
  ],
  [
    'max_regression, lower is better',
    versus({ maxRegression: 0.01, direction: 'lower' }),
    [
      ['better', PASS, 0.4, 0.5],
      ['worse within', PASS, 0.505, 0.5],
      ['worse beyond', FAIL, 0.52, 0.5],
      ['at the limit', PASS, 0.51, 0.5],
      ['champion at zero, beyond', FAIL, 0.02, 0],
      ['negative champion, better', PASS, -1.2, -1],
      ['negative champion, worse', FAIL, -0.9, -1],
      ...NO_NUMBERS,
      ...NO_NUMBERS_OF_THE_CHAMPION,
    ],
  ],
  [
    'max_regression, relative',
    versus({ maxRegression: 0.1, isRelative: true }),
    [
      ['within', PASS, 0.46, 0.5],
      ['beyond', FAIL, 0.44, 0.5],
      ['at the limit', PASS, 0.45, 0.5],
      ['champion at zero', FAIL, 1, 0],
      ['negative champion, within', PASS, -105, -100],
      ['negative champion, at the limit', PASS, -110, -100],
      ['negative champion, beyond', FAIL, -120, -100],
      ['negative champion, better', PASS, -80, -100],
      ...NO_NUMBERS,
      ...NO_NUMBERS_OF_THE_CHAMPION,
    ],
  ],
  [
    'min_improvement',
    versus({ minImprovement: 0.02 }),
    [
      ['enough', PASS, 0.73, 0.7],
      ['too little', FAIL, 0.71, 0.7],
      ['at the limit', PASS, 0.72, 0.7],
      ['worse', FAIL, 0.6, 0.7],
      ['champion at zero', PASS, 0.02, 0],
      ['negative champion, enough', PASS, -90, -100],
      ['negative champion, worse', FAIL, -120, -100],
      ...NO_NUMBERS,
      ...NO_NUMBERS_OF_THE_CHAMPION,
    ],
  ],
  [
    'min_improvement, relative',
    versus({ minImprovement: 0.1, isRelative: true }),
    [
      ['enough', PASS, 0.56, 0.5],
      ['too little', FAIL, 0.54, 0.5],
      ['champion at zero', FAIL, 1, 0],
      ['negative champion, enough', PASS, -85, -100],
      ['negative champion, worse', FAIL, -120, -100],
      ...NO_NUMBERS,
      ...NO_NUMBERS_OF_THE_CHAMPION,
    ],
  ],
  [
    'max_improvement',
    versus({ maxImprovement: 0.2 }),
    [
      ['a little better', PASS, 0.7, 0.6],
      ['too good', FAIL, 0.99, 0.6],
      ['at the limit', PASS, 0.8, 0.6],
      ['worse', PASS, 0.1, 0.6],
      ['champion at zero, too good', FAIL, 0.3, 0],
      ['negative champion, too good', FAIL, -99.5, -100],
      ...NO_NUMBERS,
      ...NO_NUMBERS_OF_THE_CHAMPION,
    ],
  ],
  [
    'max_improvement, relative',
    versus({ maxImprovement: 0.2, isRelative: true }),
    [
      ['a little better', PASS, 0.55, 0.5],
      ['too good', FAIL, 0.61, 0.5],
      ['champion at zero', FAIL, 0.1, 0],
      ['negative champion, a little better', PASS, -85, -100],
      ['negative champion, too good', FAIL, -70, -100],
      ...NO_NUMBERS,
      ...NO_NUMBERS_OF_THE_CHAMPION,
    ],
  ],
];

describe.each(TABLE)('%s', (_, rule, rows) => {
  it.each(rows)('%s: %s', (_what, verdict, candidate, champion) => {
    const isComparing = rule.kind === 'metric' && rule.against.length > 0;
    const rival = isComparing ? { champion: score(champion) } : {};
    expect(verdictOf({ rule, candidate: score(candidate), ...rival })).toBe(verdict);
  });
});

type SliceRow = readonly [what: string, verdict: string, candidate: Groups | undefined, champion?: Groups | undefined];
const big = (value: number | undefined): readonly [number | undefined, number] => [value, 500];
const tiny = (value: number): readonly [number, number] => [value, 20];
const uncounted = (value: number): readonly [number, undefined] => [value, undefined];

const SLICED: readonly (readonly [rule: string, GateRule, readonly SliceRow[]])[] = [
  [
    'min by slice',
    metric({ slices: 'by', min: 0.5, minCount: 200 }),
    [
      ['all above', PASS, { a: big(0.6), b: big(0.7) }],
      ['one below', FAIL, { a: big(0.6), b: big(0.4) }],
      ['at the limit', PASS, { a: big(0.5) }],
      ['tiny slice below', PASS, { a: big(0.6), b: tiny(0.1) }],
      ['tiny slices only', NA, { b: tiny(0.1) }],
      ['slices missing', FAIL, undefined],
      ['metric missing in a slice', FAIL, { a: big(undefined) }],
      ['NaN in a slice', FAIL, { a: big(Number.NaN) }],
      ['+infinity in a slice', FAIL, { a: big(Number.POSITIVE_INFINITY) }],
      ['no row counts', FAIL, { a: uncounted(0.9) }],
    ],
  ],
  [
    'max by slice',
    metric({ slices: 'by', max: 0.5, minCount: 200 }),
    [
      ['all below', PASS, { a: big(0.4) }],
      ['one above', FAIL, { a: big(0.4), b: big(0.6) }],
      ['at the limit', PASS, { a: big(0.5) }],
      ['−infinity in a slice', FAIL, { a: big(Number.NEGATIVE_INFINITY) }],
      ['tiny slice above', PASS, { a: big(0.4), b: tiny(0.9) }],
    ],
  ],
  [
    'max_spread',
    metric({ slices: 'by', maxSpread: 0.1, minCount: 200 }),
    [
      ['close', PASS, { a: big(0.6), b: big(0.65) }],
      ['far apart', FAIL, { a: big(0.6), b: big(0.8) }],
      ['at the limit', PASS, { a: big(0.6), b: big(0.7) }],
      ['tiny slice far away', PASS, { a: big(0.6), b: big(0.65), c: tiny(0.1) }],
      ['one slice', NA, { a: big(0.6) }],
      ['NaN in a slice', FAIL, { a: big(0.6), b: big(Number.NaN) }],
      ['slices missing', FAIL, undefined],
      ['negative values', PASS, { a: big(-0.6), b: big(-0.65) }],
    ],
  ],
  [
    'max_regression by slice',
    versus({ slices: 'by', maxRegression: 0.05, minCount: 200 }),
    [
      ['within', PASS, { a: big(0.66), b: big(0.7) }, { a: big(0.7), b: big(0.7) }],
      ['one beyond', FAIL, { a: big(0.6), b: big(0.7) }, { a: big(0.7), b: big(0.7) }],
      ['at the limit', PASS, { a: big(0.65) }, { a: big(0.7) }],
      ['tiny slice beyond', PASS, { a: big(0.7), b: tiny(0.1) }, { a: big(0.7), b: tiny(0.9) }],
      ['tiny slices only', NA, { b: tiny(0.1) }, { b: tiny(0.9) }],
      ['slice missing of the candidate', FAIL, { a: big(0.7) }, { a: big(0.7), b: big(0.7) }],
      ['slice missing of the champion', PASS, { a: big(0.7), b: big(0.7) }, { a: big(0.7) }],
      ['no common slice', FAIL, { a: big(0.7) }, { b: big(0.7) }],
      ['NaN in a slice', FAIL, { a: big(Number.NaN) }, { a: big(0.7) }],
      ['+infinity in a slice', FAIL, { a: big(Number.POSITIVE_INFINITY) }, { a: big(0.7) }],
      ['slices missing', FAIL, undefined, { a: big(0.7) }],
      ['slices missing of the champion', FAIL, { a: big(0.7) }, undefined],
      ['champion at zero, beyond', FAIL, { a: big(-0.1) }, { a: big(0) }],
      ['negative champion, worse', FAIL, { a: big(-101) }, { a: big(-100) }],
    ],
  ],
  [
    'max_regression by slice, relative',
    versus({ slices: 'by', maxRegression: 0.1, isRelative: true, minCount: 200 }),
    [
      ['within', PASS, { a: big(0.46) }, { a: big(0.5) }],
      ['beyond', FAIL, { a: big(0.44) }, { a: big(0.5) }],
      ['champion at zero', FAIL, { a: big(0.4) }, { a: big(0) }],
      ['negative champion, within', PASS, { a: big(-105) }, { a: big(-100) }],
      ['negative champion, beyond', FAIL, { a: big(-120) }, { a: big(-100) }],
    ],
  ],
  [
    'max_improvement by slice',
    versus({ slices: 'by', maxImprovement: 0.2, minCount: 200 }),
    [
      ['within', PASS, { a: big(0.6) }, { a: big(0.5) }],
      ['too good', FAIL, { a: big(0.9) }, { a: big(0.5) }],
      ['at the limit', PASS, { a: big(0.7) }, { a: big(0.5) }],
      ['tiny slice too good', PASS, { a: big(0.6), b: tiny(0.9) }, { a: big(0.5), b: tiny(0.1) }],
    ],
  ],
];

describe.each(SLICED)('%s', (_, rule, rows) => {
  for (const [what, verdict, candidate, champion] of rows)
    it(`${what}: ${verdict}`, () => {
      const isComparing = rule.kind === 'metric' && rule.against.length > 0;
      const of = (groups: Groups | undefined) => (groups === undefined ? score(0) : sliced(groups));
      const rival = isComparing ? { champion: of(champion) } : {};
      expect(verdictOf({ rule, candidate: of(candidate), ...rival })).toBe(verdict);
    });
});

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
