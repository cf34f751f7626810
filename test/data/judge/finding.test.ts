import { describe, expect, it } from 'vitest';
import {
  countCalls,
  inPipeline,
  magnitudeOf,
  makeFinding,
  number,
  percent,
  subjectOf,
} from '../../../src/data/judge/finding.js';
import type { Finding } from '../../../src/domain/data/finding.js';
import type { PipelineName } from '../../../src/domain/ids.js';

const base: Omit<Finding, 'id'> = {
  code: 'missing-rose',
  severity: 'error',
  column: 'x',
  detail: 'some are missing',
  evidence: { before: 0.1, after: 0.4 },
};
const idOf = (change: Partial<Finding> = {}) => makeFinding({ ...base, ...change }).id;

describe('the id of a finding', () => {
  it('stays while the fault is as bad, whatever is said about it', () => {
    expect(idOf()).toMatch(/^f-[0-9a-f]{8}$/);
    expect(idOf({ detail: 'other words', severity: 'warning' })).toBe(idOf());
    expect(idOf({ evidence: { before: 0, after: 0.41 } })).toBe(idOf());
  });

  it('differs by column, kind, dataset, and twice the size', () => {
    const ids = [
      idOf(),
      idOf({ column: 'y' }),
      idOf({ code: 'all-missing' }),
      idOf({ dataset: 'd' }),
      idOf({ evidence: { after: 0.8 } }),
      idOf({ evidence: {} }),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('belongs to its pipeline', () => {
    const found = makeFinding(base);
    const [one] = inPipeline('one' as PipelineName, [found]);
    const [two] = inPipeline('two' as PipelineName, [found]);
    expect(new Set([found.id, one?.id, two?.id]).size).toBe(3);
    expect(one).toEqual({ ...found, id: one?.id });
    expect(inPipeline('one' as PipelineName, [found])).toEqual([one]);
  });

  it('of a rule is by the rule, not by the table', () => {
    expect(subjectOf({ column: 'x', evidence: { rule: 'r' } })).toBe('x');
    expect(subjectOf({ column: undefined, evidence: { rule: 'a < b' } })).toBe('a < b');
    expect(subjectOf({ column: undefined, evidence: { rule: 3 } })).toBe('');
  });
});

describe('a finding', () => {
  it('has SQL for its rows where they can be selected', () => {
    expect(makeFinding(base).sql).toBeUndefined();
    expect(makeFinding({ ...base, selects: { kind: 'missing', column: 'x' } }).sql).toMatch(/x.*IS NULL/);
    expect(makeFinding({ ...base, sql: 'SELECT 1', selects: { kind: 'missing', column: 'x' } }).sql).toBe('SELECT 1');
  });
});

describe('how bad a finding is', () => {
  it.each<[Finding['evidence'], number | undefined]>([
    [{ age_ms: 300, limit_ms: 100 }, 3],
    [{ age_ms: 300, after: 0.5 }, 0.5],
    [{ limit_ms: 300, after: 0.5 }, 0.5],
    [{ bad: 20, rows: 50, factor: 3 }, 0.4],
    [{ bad: 20, rows: 0 }, 20],
    [{ bad: 20 }, undefined],
    [{ rows: 20 }, undefined],
    [{ factor: 4, after: 0.5 }, 4],
    [{ factor: 0.25 }, 4],
    [{ factor: -1000 }, 1000],
    [{ factor: 0 }, 1e12],
    [{ after: 0.2, share: 0.3, distance: 0.4 }, 0.2],
    [{ share: 0.3, distance: 0.4 }, 0.3],
    [{ distance: 0.4 }, 0.4],
    [{ after: 'text' }, undefined],
    [{ after: Number.NaN }, undefined],
    [{}, undefined],
  ])('%j: %f', (evidence, size) => {
    expect(magnitudeOf({ evidence })).toBe(size);
  });
});

it('writes shares with three digits, and numbers with six, whole ones in full', () => {
  expect([percent(0.12345), percent(1), percent(0.000012345)].map((text) => text.replace(/\s/, ' '))).toEqual([
    '12.3 %',
    '100 %',
    '0.00123 %',
  ]);
  expect([number(12345678), number(1.23456789), number(2 ** 60)]).toEqual([
    '12345678',
    '1.23457',
    '1152920000000000000',
  ]);
});

it('counts answers', () => {
  expect(countCalls(['bug', 'normal', 'bug'])).toEqual({ answered: 3, bugs: 2 });
  expect(countCalls([])).toEqual({ answered: 0, bugs: 0 });
});
