import { describe, expect, it } from 'vitest';
import {
  type Checked,
  freshnessCheck,
  judgeRows,
  profileChecks,
  rowChecks,
} from '../../../src/data/judge/declared-checks.js';
import type { TableProfile } from '../../../src/domain/data/profile.js';
import type { ColumnChecks, DataChecks } from '../../../src/domain/pipeline/data-checks.js';
import type { ConditionChecked } from '../../../src/domain/ports/datasets.js';
import { instantOf } from '../../../src/domain/support/time.js';
import { table } from './profiles.js';

const profile = table({ n: [1, 2, 3], x: [0.5, 1.5, null], t: ['a', 'b', 'b'] });
const NONE: DataChecks = { columns: {}, unique: [], rules: [], otherColumns: 'allow' };
const checked = (checks: Partial<DataChecks>, isTyped = false): Checked => ({
  dataset: 'sales',
  isTyped,
  checks: { ...NONE, ...checks },
});
const conditions = (checks: Partial<DataChecks>, isTyped?: boolean) => rowChecks(checked(checks, isTyped), profile);
const ofColumn = (name: string, checks: ColumnChecks, isTyped?: boolean) =>
  conditions({ columns: { [name]: checks } }, isTyped);

describe('conditions on rows', () => {
  it.each<[string, string, ColumnChecks, object]>([
    [
      'a required column may lack no value',
      'x',
      { required: true },
      {
        code: 'missing-values',
        column: 'x',
        tolerated: 0,
        isQuiet: true,
        reason: 'x: missing',
        predicate: { kind: 'present', column: 'x' },
      },
    ],
    [
      'a declared share may be missing',
      'x',
      { maxMissing: 0.25, required: true },
      { code: 'missing-values', tolerated: 0.25, says: 'have no value, at most 25 % may have none' },
    ],
    [
      'a type',
      't',
      { type: 'number' },
      {
        code: 'type-changed',
        column: 't',
        tolerated: 0,
        says: 'do not read as number; the column is VARCHAR',
        reason: 't: not number',
        predicate: { kind: 'reads-as', column: 't', type: 'number' },
      },
    ],
    [
      'a smallest value',
      'n',
      { min: 0 },
      {
        code: 'out-of-range',
        column: 'n',
        tolerated: 0.01,
        says: 'are below 0',
        reason: 'n: below 0',
        predicate: { kind: 'in-range', column: 'n', lower: 0 },
      },
    ],
    [
      'a largest value',
      'n',
      { max: 9 },
      { says: 'are above 9', predicate: { kind: 'in-range', column: 'n', upper: 9 } },
    ],
    [
      'both',
      'n',
      { min: 0, max: 9 },
      { says: 'are outside 0 … 9', predicate: { kind: 'in-range', column: 'n', lower: 0, upper: 9 } },
    ],
    [
      'a list of values',
      't',
      { values: ['a', 'b'] },
      {
        code: 'unknown-value',
        column: 't',
        tolerated: 0.01,
        says: 'have none of the declared values',
        reason: 't: unknown value',
        predicate: { kind: 'one-of', column: 't', values: ['a', 'b'] },
      },
    ],
    [
      'a key',
      'n',
      { unique: true },
      {
        code: 'not-unique',
        column: 'n',
        tolerated: 0,
        says: 'share their value with another',
        reason: 'n: repeats an earlier row',
        predicate: { kind: 'unique', columns: ['n'] },
      },
    ],
  ])('%s', (_, name, checks, expected) => {
    const found = ofColumn(name, checks);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject(expected);
  });

  it.each<[string, string, ColumnChecks, boolean]>([
    ['nothing declared', 'x', {}, false],
    ['not required', 'x', { required: false, unique: false, optional: true }, false],
    ['whole numbers are numbers', 'n', { type: 'number' }, false],
    ['the declared type', 't', { type: 'text' }, false],
    ['a typed file, whose type is judged as a whole', 't', { type: 'number' }, true],
    ['a column that is not there', 'other', { required: true, unique: true }, false],
  ])('need no look at rows: %s', (_, name, checks, isTyped) => {
    expect(ofColumn(name, checks, isTyped)).toEqual([]);
  });

  it('numbers are not whole numbers', () => {
    expect(ofColumn('x', { type: 'integer' })[0]?.code).toBe('type-changed');
  });

  it('only a share of missing values sets no row aside', () => {
    expect(ofColumn('x', { maxMissing: 0.25 })[0]).not.toHaveProperty('reason');
  });

  it('keys of several columns need all of them', () => {
    const [key, ...others] = conditions({
      unique: [
        ['n', 't'],
        ['n', 'other'],
      ],
    });
    expect(key).toMatchObject({
      column: 'n, t',
      says: 'share their values with another',
      reason: 'n, t: repeats an earlier row',
    });
    expect(others).toEqual([]);
  });

  it('rules of the user', () => {
    expect(conditions({ rules: ['n > 0'] })).toEqual([
      {
        code: 'rule',
        predicate: { kind: 'rule', sql: 'n > 0' },
        says: 'do not satisfy n > 0',
        tolerated: 0.01,
        reason: 'rule: n > 0',
      },
    ]);
  });
});

describe('rows that break a condition', () => {
  const hundred: TableProfile = { ...profile, rows: 100 };
  const judge = (checks: Partial<DataChecks>, found: Partial<ConditionChecked>, of = hundred) => {
    const [check] = conditions(checks);
    return check === undefined ? [] : judgeRows(check, { bad: 0, examples: [], ...found }, of, { dataset: 'sales' });
  };
  const atLeast: Partial<DataChecks> = { columns: { n: { min: 0 } } };

  it.each([
    [0, undefined, undefined],
    [1, 'warning', '1 row (1 %) is below 0'],
    [2, 'error', '2 rows (2 %) are below 0'],
  ])('%i of 100', (bad, severity, detail) => {
    const [found] = judge(atLeast, { bad });
    expect([found?.severity, found?.detail]).toEqual([severity, detail]);
  });

  it.each<[Partial<DataChecks>, string]>([
    [{ columns: { x: { maxMissing: 0.005 } } }, '1 row (1 %) has no value, at most 0.5 % may have none'],
    [{ columns: { t: { values: ['a'] } } }, '1 row (1 %) has none of the declared values'],
    [{ columns: { t: { type: 'number' } } }, '1 row (1 %) does not read as number; the column is VARCHAR'],
    [{ rules: ['are_ok'] }, '1 row (1 %) does not satisfy are_ok'],
  ])('one of 100: %j', (checks, detail) => {
    expect(judge(checks, { bad: 1 })[0]?.detail).toBe(detail);
  });

  it('repeat a key in twos or more', () => {
    expect(judge({ unique: [['n']] }, { bad: 2 })[0]?.detail).toBe('2 rows (2 %) share their value with another');
  });

  it.each([
    ['as many missing as declared', 25, 0],
    ['more', 26, 1],
  ])('%s', (_, bad, count) => {
    expect(judge({ columns: { x: { maxMissing: 0.25 } } }, { bad })).toHaveLength(count);
  });

  it('one missing value of a required column is an error', () => {
    expect(judge({ columns: { x: { required: true } } }, { bad: 1 })[0]).toMatchObject({
      code: 'missing-values',
      severity: 'error',
    });
  });

  it('carry what is known of them', () => {
    const examples = [{ value: '-1', rows: 2 }];
    expect(judge(atLeast, { bad: 2, sql: 'SELECT 1', isOfRows: true, examples })[0]).toMatchObject({
      dataset: 'sales',
      column: 'n',
      code: 'out-of-range',
      rows: 2,
      sql: 'SELECT 1',
      selects: { kind: 'breaks', predicate: { kind: 'in-range', column: 'n' }, sqlType: 'BIGINT' },
      likelyCause: '-1 in most of them: a default or a code for "missing"',
      evidence: { rows: 100, bad: 2, tolerated: 0.01, examples },
    });
    expect(judge(atLeast, { bad: 2, isOfRows: false })[0]?.selects).toBeUndefined();
  });

  it('of a rule are selected by the rule; of a key by nothing, because no row alone shows it', () => {
    const [broken] = judge({ rules: ['n > 0'] }, { bad: 3, isOfRows: true });
    expect(broken).toMatchObject({
      code: 'rule',
      selects: { kind: 'breaks', predicate: { kind: 'rule', sql: 'n > 0' } },
      evidence: { rule: 'n > 0' },
    });
    expect(judge({ unique: [['n']] }, { bad: 3, isOfRows: true })[0]).toMatchObject({
      severity: 'error',
      selects: undefined,
    });
  });

  it('a rule that cannot be checked is an error of its own', () => {
    expect(judge({ rules: ['m > 0'] }, { fault: 'no column m' })).toMatchObject([
      {
        dataset: 'sales',
        code: 'rule-failed',
        severity: 'error',
        detail: 'the rule m > 0 cannot be checked: no column m',
        evidence: { rule: 'm > 0', fault: 'no column m' },
      },
    ]);
    expect(judge(atLeast, { fault: 'no column n' })[0]).toMatchObject({
      detail: 'the rule  cannot be checked: no column n',
      evidence: { rule: null },
    });
  });

  it('names the first value that does not read as the type, if its place is known', () => {
    const faults = [
      { kind: 'unfit-values', column: 't', wanted: 'number', rows: 2, value: 'n/a', file: 'b.csv', line: 17 },
    ] as const;
    const number = { columns: { t: { type: 'number' } } } as const;
    expect(judge(number, { bad: 2 }, { ...hundred, faults })[0]?.detail).toBe(
      '2 rows (2 %) do not read as number; the column is VARCHAR; the first is "n/a" in b.csv:17',
    );
    expect(judge(number, { bad: 2 })[0]?.detail).toBe('2 rows (2 %) do not read as number; the column is VARCHAR');
    expect(judge({ columns: { t: { values: ['a'] } } }, { bad: 2 }, { ...hundred, faults })[0]?.detail).toBe(
      '2 rows (2 %) have none of the declared values',
    );
  });
});

describe('declared checks of the whole table', () => {
  const says = (checks: Partial<DataChecks>, { isTyped = false, ignore = [] as string[], of = profile } = {}) =>
    profileChecks(checked(checks, isTyped), of, ignore).map((one) =>
      `${one.severity} ${one.code} ${one.column ?? ''}`.trim(),
    );

  it('need each declared column once, unless it is optional', () => {
    expect(says({ columns: { gone: { min: 0 }, maybe: { optional: true }, n: {} }, unique: [['gone', 'id']] })).toEqual(
      ['error missing-column gone', 'error missing-column id'],
    );
    const rowOutliers = { columns: ['n', 'far'] } as unknown as DataChecks['rowOutliers'];
    expect(says({ rowOutliers })).toEqual(['error missing-column far']);
  });

  it('name a column that only its spelling hides', () => {
    const [renamed] = profileChecks(checked({ columns: { ' N ': {} } }), profile, []);
    expect(renamed).toMatchObject({
      dataset: 'sales',
      detail: 'the column is declared and not there',
      likelyCause: 'renamed to "n"',
    });
    const [gone] = profileChecks(checked({ columns: { m: {} } }), profile, []);
    expect(gone?.likelyCause).toBeUndefined();
  });

  it('judge the type of a typed file', () => {
    expect(says({ columns: { t: { type: 'number' }, n: { type: 'number' }, x: {} } }, { isTyped: true })).toEqual([
      'error type-changed t',
    ]);
    expect(says({ columns: { t: { type: 'number' } } })).toEqual([]);
    expect(profileChecks(checked({ columns: { t: { type: 'number' } } }, true), profile, [])[0]).toMatchObject({
      detail: 'it must be number, and is VARCHAR',
      evidence: { declared: 'number', found: 'VARCHAR' },
    });
  });

  it.each([
    ['allow', []],
    ['warn', ['warning new-column x']],
    ['fail', ['error new-column x']],
  ] as const)('undeclared columns: %s', (otherColumns, expected) => {
    expect(says({ otherColumns, columns: { n: {} } }, { ignore: ['t'] })).toEqual(expected);
  });

  it('say what is wrong with another column', () => {
    expect(profileChecks(checked({ otherColumns: 'warn', columns: { n: {}, x: {} } }), profile, [])[0]).toMatchObject({
      detail: 'the schema has no such column',
      evidence: { type: 'VARCHAR' },
    });
  });

  it.each([
    [undefined, undefined, undefined, undefined],
    [3, undefined, undefined, undefined],
    [4, undefined, 'there are 3 rows, at least 4 are allowed', 'a file is missing or cut short'],
    [undefined, 3, undefined, undefined],
    [undefined, 2, 'there are 3 rows, at most 2 are allowed', 'a file is there twice'],
    [1, 2, 'there are 3 rows, at most 2 are allowed', 'a file is there twice'],
    [3, 3, undefined, undefined],
  ])('three rows where %s to %s are declared', (min, max, detail, likelyCause) => {
    const [found] = profileChecks(checked({ rows: { min, max } }), profile, []);
    expect([found?.detail, found?.likelyCause]).toEqual([detail, likelyCause]);
    if (found !== undefined)
      expect(found).toMatchObject({
        code: 'row-count',
        severity: 'error',
        rows: 3,
        evidence: { rows: 3, min: min ?? null, max: max ?? null },
      });
  });
});

describe('the age of a feed', () => {
  const HOUR = 3_600_000;
  const newest = instantOf(Date.parse('2026-03-01T10:00:00Z'));
  const aged = (ms: number) =>
    freshnessCheck({ name: 'sales', checks: { freshnessMs: HOUR } }, newest, instantOf(newest + ms));

  it('is a fault beyond the limit only', () => {
    expect(aged(HOUR)).toBeUndefined();
    expect(aged(HOUR + 60_000)).toMatchObject({
      dataset: 'sales',
      code: 'stale',
      severity: 'error',
      detail: 'the newest row is of 2026-03-01T10:00:00.000Z, 1h 1m old; at most 1h is allowed',
      likelyCause: 'the feed has stopped',
      evidence: { newest: '2026-03-01T10:00:00.000Z', age_ms: HOUR + 60_000, limit_ms: HOUR },
    });
  });

  it('is told with enough units to differ from the limit', () => {
    expect(aged(HOUR + 30_000)?.detail).toContain('1h 30s old; at most 1h is allowed');
    expect(aged(HOUR + 5)?.detail).toContain('1h 5ms old; at most 1h is allowed');
  });

  it('is not judged without a limit or a row', () => {
    expect(freshnessCheck({ checks: {} }, newest, instantOf(newest + 1e12))).toBeUndefined();
    expect(freshnessCheck({ checks: { freshnessMs: 1 } }, undefined, newest)).toBeUndefined();
  });
});
