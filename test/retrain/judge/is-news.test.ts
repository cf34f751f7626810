import { describe, expect, it } from 'vitest';
import type { RetrainDecision } from '../../../src/domain/decisions/decision.js';
import type { RetrainReport } from '../../../src/domain/decisions/retrain-report.js';
import { isNews } from '../../../src/retrain/judge/is-news.js';

type Kind = RetrainDecision['decision'];

const decided = (decision: Kind, condition = 'any') =>
  ({ decision, because: { condition, state: 'fired' } }) as unknown as RetrainDecision;
const report = (decision: Kind, more: object = {}, condition = 'any') =>
  ({ decision: decided(decision, condition), data: [], findings: [], ...more }) as unknown as RetrainReport;

it('is news that something was trained or failed, whatever was decided before', () => {
  expect(isNews(report('retrain'), decided('retrain'))).toBe(true);
  expect(isNews(report('wait', { failure: {} }), decided('wait'))).toBe(true);
  expect(isNews(report('wait', { result: {} }), decided('wait'))).toBe(true);
});

it.each([
  // now, before, news?
  ['wait', undefined, false],
  ['wait', 'wait', false],
  ['wait', 'retrain', false],
  ['wait', 'hold', true],
  ['wait', 'paused', true],
  ['hold', undefined, true],
  ['hold', 'wait', true],
  ['hold', 'retrain', true],
  ['hold', 'hold', false],
  ['paused', 'hold', true],
  ['paused', 'paused', false],
  ['suggest', 'suggest', false],
  ['suggest', 'wait', true],
] as const)('now %s, before %s: %s', (now, before, isIt) => {
  expect(isNews(report(now), before && decided(before))).toBe(isIt);
});

it('is news that the same decision has another cause', () => {
  expect(isNews(report('hold', {}, 'data-bug'), decided('hold', 'unclear'))).toBe(true);
  expect(isNews(report('hold', {}, 'data-bug'), decided('hold', 'data-bug'))).toBe(false);
  expect(isNews(report('wait', {}, 'all'), decided('wait', 'any'))).toBe(false);
});

describe('a training without a gate that made no new version', () => {
  const again = { outcome: 'registered', result: { isNewVersion: false } };

  it('is no news after a training for the same reason', () => {
    expect(isNews(report('retrain', again), decided('retrain'))).toBe(false);
  });

  it.each([
    ['the first one', again, undefined, 'any'],
    ['one after another decision', again, 'wait', 'any'],
    ['one for another reason', again, 'retrain', 'no-champion'],
    ['one that made a version', { ...again, result: { isNewVersion: true } }, 'retrain', 'any'],
    ['one that was published', { ...again, outcome: 'published' }, 'retrain', 'any'],
    ['one that failed', { ...again, failure: {} }, 'retrain', 'any'],
    ['one without a result', { outcome: 'registered' }, 'retrain', 'any'],
  ] as const)('is news if it is %s', (_, more, before, condition) => {
    expect(isNews(report('retrain', more), before && decided(before, condition))).toBe(true);
  });
});

describe('a command that cannot be asked', () => {
  const mute = { condition: 'any', state: 'not-fired', of: [{ condition: 'command', state: 'undecided' }] };
  const waits = (because: object) => ({ decision: 'wait', because }) as unknown as RetrainDecision;
  const reported = { decision: waits(mute), data: [], findings: [] } as unknown as RetrainReport;

  it('is told once', () => {
    expect(isNews(reported, decided('wait'))).toBe(true);
    expect(isNews(reported, undefined)).toBe(true);
    expect(isNews(reported, decided('retrain'))).toBe(true);
    expect(isNews(reported, waits(mute))).toBe(false);
    expect(isNews(report('wait'), waits(mute))).toBe(false);
  });
});
