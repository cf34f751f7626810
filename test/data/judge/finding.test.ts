import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Fault, unclear } from '../../../src/data/judge/fault.js';
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

  it('is the same in every version, because answers are kept under it', () => {
    const of = (...parts: readonly string[]) =>
      `f-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8)}`;
    // log2(0.4) is nearest to -1
    expect(idOf()).toBe(of('', '', 'missing-rose', 'x', '-1'));
    expect(idOf({ dataset: 'sales' })).toBe(of('', 'sales', 'missing-rose', 'x', '-1'));
    expect(idOf({ evidence: {} })).toBe(of('', '', 'missing-rose', 'x', ''));
    expect(inPipeline('one' as PipelineName, [makeFinding(base)])[0]?.id).toBe(
      of('one', '', 'missing-rose', 'x', '-1'),
    );
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
    // the check that the rows break counts and lists them itself
    const predicate = { kind: 'rule', sql: 'n > 0' } as const;
    expect(makeFinding({ ...base, selects: { kind: 'breaks', predicate } }).sql).toBeUndefined();
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
  expect([0.12345, 1, 0.000012345].map(percent)).toEqual(['12.3 %', '100 %', '0.00123 %']);
  // 3 of 10,000 rows are not in it
  expect(percent(0.9997)).toBe('99.97 %');
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

it('gives an unclear finding both readings: the fault with its repair, and the world', () => {
  const fault: Fault = { code: 'scaled', severity: 'error', detail: 'it doubled', evidence: {} };
  const bugOf = (more: Partial<Fault>) => unclear({ ...fault, ...more }, 'it has grown').readings?.[0];
  expect(unclear(fault, 'it has grown')).toEqual({
    ...fault,
    severity: 'unclear',
    detail: 'it doubled; a fault or a changed world',
    readings: [
      { as: 'bug', text: 'it doubled' },
      { as: 'normal', text: 'it has grown' },
    ],
  });
  expect(bugOf({ likelyCause: 'pounds', repair: 'divide by 2' })).toEqual({ as: 'bug', text: 'pounds: divide by 2' });
  expect(bugOf({ repair: 'divide by 2' })).toEqual({ as: 'bug', text: 'divide by 2' });
  expect(bugOf({ likelyCause: 'pounds' })).toEqual({ as: 'bug', text: 'pounds' });
});
