import { expect, it } from 'vitest';
import type { GateRule } from '../../../src/domain/pipeline/pipeline.js';
import { gateVerdict, judgeGate } from '../../../src/gate/judge/judge-gate.js';
import type { Judged, Rival, Scored } from '../../../src/gate/judge/judgement-input.js';

const at = { file: 'p.yaml', line: 1, col: 1, endCol: 2 };
type Metric = Extract<GateRule, { readonly kind: 'metric' }>;
const rule = (more: Partial<Metric>): Metric => ({
  kind: 'metric',
  metric: 'auc',
  direction: 'higher',
  against: [],
  isRelative: false,
  at,
  ...more,
});
const scored = (metrics: Record<string, number>, unusable: Record<string, string> = {}): Scored => ({
  metrics,
  unusable,
  slices: {},
});

type Paired = Pick<Extract<Rival, { readonly kind: 'scored' }>, 'pairs' | 'sliceColumns'>;

function judge(
  rules: readonly GateRule[],
  candidate: Scored,
  champion?: Scored,
  { pairs, sliceColumns, ...more }: Partial<Judged> & Paired = {},
) {
  const paired = { pairs, sliceColumns };
  const rival: Rival =
    champion === undefined
      ? { kind: 'none', why: 'there is no champion yet' }
      : { kind: 'scored', label: 'champion', scored: champion, ...paired };
  const checks = judgeGate({
    rules,
    first: 'gate',
    candidate,
    hasChampion: champion !== undefined,
    rivals: { champion: rival },
    commands: [],
    successes: [],
    ...more,
  });
  return { verdict: gateVerdict(checks), checks };
}

it.each([
  // limit, value, verdict, detail
  [{ min: 0.5 }, 0.7 - 0.2, 'pass', 'it is 0.5'],
  [{ max: 0.3 }, 0.1 + 0.2, 'pass', 'it is 0.3'],
  [{ min: 0.6 }, 0.6, 'pass', 'it is 0.6'],
  [{ min: 0.6 }, 0.599999, 'fail', 'it is 0.599999'],
  [{ max: 0.6 }, 0.600001, 'fail', 'it is 0.600001'],
  [{ max: 1500 }, 1500.2, 'fail', 'it is 1500.2'],
  [{ max: 0.6 }, 0.612345, 'fail', 'it is 0.6123'],
  [{ max: 1e-15 }, 2e-15, 'fail', 'it is 2e-15'],
  [{ max: 0 }, 0.1 + 0.2 - 0.3, 'pass', 'it is 5.55e-17'],
  [{ max: 0 }, 1e-12, 'fail', 'it is 1e-12'],
  [{ min: -10 }, -10.00001, 'fail', 'it is -10.00001'],
] as const)('a limit %o and a value of %d: %s, and says so', (limit, value, verdict, detail) => {
  expect(judge([rule(limit)], scored({ auc: value })).checks[0]).toMatchObject({ verdict, detail, observed: value });
  const slices = { origin: { a: { auc: value }, b: { auc: value } } };
  const [sliced] = judge([rule({ ...limit, slices: 'origin' })], { ...scored({ auc: value }), slices }).checks;
  expect(sliced?.verdict).toBe(verdict);
  expect(sliced?.detail).toContain(`a ${detail.slice('it is '.length)}`);
});

it('does not pass an empty gate, nor one in which nothing applies', () => {
  expect(judge([], scored({ auc: 1 })).verdict).toBe('fail');
  expect(judge([rule({ against: ['champion'], maxRegression: 0.1 })], scored({ auc: 0.7 })).verdict).toBe('fail');
});

it('fails on what is missing or no number, with the reason', () => {
  expect(judge([rule({ min: 0.5 })], scored({})).checks[0]).toMatchObject({
    verdict: 'fail',
    detail: expect.stringContaining('was not scored'),
  });
  expect(judge([rule({ min: 0.5 })], scored({}, { auc: 'NaN' })).checks[0]).toMatchObject({
    verdict: 'fail',
    detail: expect.stringContaining('NaN'),
  });
});

it('reads the direction of a metric: a lower loss is better', () => {
  const loss = rule({ metric: 'log_loss', direction: 'lower', against: ['champion'], maxRegression: 0.01 });
  expect(judge([loss], scored({ log_loss: 0.52 }), scored({ log_loss: 0.5 })).verdict).toBe('fail');
  expect(judge([loss], scored({ log_loss: 0.4 }), scored({ log_loss: 0.5 })).verdict).toBe('pass');
});

it('takes relative margins of the absolute value, also of a negative champion, and refuses them at 0', () => {
  const relative = rule({ metric: 'score', against: ['champion'], maxRegression: 0.1, isRelative: true });
  expect(judge([relative], scored({ score: -120 }), scored({ score: -100 })).verdict).toBe('fail');
  expect(judge([relative], scored({ score: -105 }), scored({ score: -100 })).verdict).toBe('pass');
  expect(judge([relative], scored({ score: 1 }), scored({ score: 0 })).verdict).toBe('fail');
});

it('refuses an improvement that is too large to be true', () => {
  expect(
    judge([rule({ against: ['champion'], maxImprovement: 0.2 })], scored({ auc: 0.99 }), scored({ auc: 0.6 })).verdict,
  ).toBe('fail');
});

it('does not pass a margin with confidence where there is too little data, and passes it where there is enough', () => {
  const sure = rule({ metric: 'accuracy', against: ['champion'], maxRegression: 0.02, confidence: 0.95 });
  const equal = (rows: number) => {
    const label = Array.from({ length: rows }, (_, i) => i % 2);
    const wrongAt = (offset: number) => label.map((y, i) => ((i + offset) % 10 === 0 ? 1 - y : y));
    return { label, candidate: wrongAt(0), champion: wrongAt(5) };
  };
  const both = scored({ accuracy: 0.9 });
  expect(judge([sure], both, both).verdict).toBe('fail');
  expect(judge([sure], both, both, { pairs: equal(100) }).verdict).toBe('fail');
  expect(judge([sure], both, both, { pairs: equal(10_000) }).verdict).toBe('pass');
});

it('judges every slice with enough rows, and names the worst', () => {
  const slices = (a: number, b: number): Scored => ({
    metrics: { auc: 0.7 },
    unusable: {},
    slices: { origin: { ATL: { auc: a, n: 500 }, ORD: { auc: b, n: 20 } } },
  });
  const bySlice = rule({ against: ['champion'], slices: 'origin', maxRegression: 0.05, minCount: 200 });
  expect(judge([bySlice], slices(0.7, 0.1), slices(0.7, 0.9)).verdict).toBe('pass');
  const worse = judge([bySlice], slices(0.5, 0.9), slices(0.7, 0.9));
  expect(worse).toMatchObject({ verdict: 'fail', checks: [{ detail: expect.stringContaining('ATL') }] });
});

it('fails comparisons with a champion that could not be scored', () => {
  const judged = judge([rule({ against: ['champion'], maxRegression: 0.1 })], scored({ auc: 0.9 }), undefined, {
    hasChampion: true,
    rivals: { champion: { kind: 'unscored', why: 'the champion could not be scored: step-exited' } },
  });
  expect(judged.checks[0]).toMatchObject({ verdict: 'fail', detail: expect.stringContaining('step-exited') });
});

const sliced = (origin: Record<string, Record<string, number>>): Scored => ({
  metrics: { auc: 0.7 },
  unusable: {},
  slices: { origin },
});

it('applies absolute limits to every slice with enough rows', () => {
  const least = rule({ slices: 'origin', min: 0.5, minCount: 100 });
  expect(judge([least], sliced({ ATL: { auc: 0.6, n: 200 }, ORD: { auc: 0.1, n: 20 } })).verdict).toBe('pass');
  const low = judge([least], sliced({ ATL: { auc: 0.6, n: 200 }, ORD: { auc: 0.4, n: 200 } }));
  expect(low).toMatchObject({ verdict: 'fail', checks: [{ observed: 0.4, detail: expect.stringContaining('ORD') }] });
  expect(judge([least], sliced({ ATL: { n: 200 } })).verdict).toBe('fail');
});

it('fails slices that are not there: a misspelt name, a value that only the champion has, counts that are missing', () => {
  const bySlice = rule({ against: ['champion'], slices: 'origin', maxRegression: 0.05 });
  const champion = sliced({ ATL: { auc: 0.7, n: 200 } });
  const good = rule({ min: 0.6 });
  expect(judge([good, bySlice], scored({ auc: 0.7 }), champion).checks[1]).toMatchObject({ verdict: 'fail' });
  expect(judge([good, bySlice], sliced({ ORD: { auc: 0.7, n: 200 } }), champion).checks[1]).toMatchObject({
    verdict: 'fail',
    detail: expect.stringContaining('ATL'),
  });
  const bare = sliced({ ATL: { auc: 0.1 } });
  expect(judge([bySlice], bare, sliced({ ATL: { auc: 0.7 } })).verdict).toBe('fail');
  const counted = { ...bySlice, minCount: 100 };
  expect(judge([counted], bare, champion).checks[0]).toMatchObject({
    verdict: 'fail',
    detail: expect.stringContaining('min_count'),
  });
});

it('says why a later version fails where no check can judge it', () => {
  const without = judge([], scored({}), scored({}));
  expect(without).toMatchObject({ verdict: 'fail', checks: [{ name: 'later version', verdict: 'fail' }] });
  expect(without.checks[0]?.detail).toContain('the model has no gate');
  const accepted = judge([], scored({}), scored({}), { first: 'accept' });
  expect(accepted.checks.map((one) => one.name)).toEqual(['later version']);
  expect(judge([], scored({}), undefined, { first: 'accept' }).verdict).toBe('pass');
});

it("takes a relative margin of the champion's value in that slice", () => {
  const relative = rule({ against: ['champion'], slices: 'origin', maxRegression: 0.1, isRelative: true });
  const of = (auc: number) => sliced({ ATL: { auc, n: 200 } });
  expect(judge([relative], of(0.46), of(0.5)).verdict).toBe('pass');
  expect(judge([relative], of(0.44), of(0.5)).verdict).toBe('fail');
});
