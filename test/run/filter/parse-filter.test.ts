import { describe, expect, it } from 'vitest';
import { parseRunFilter } from '../../../src/run/filter/parse-filter.js';

const parse = (text: string) => {
  const parsed = parseRunFilter(text, '--where');
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
};

const faultOf = (text: string) => {
  const parsed = parseRunFilter(text, '--where');
  if (parsed.ok) throw new Error(`no fault in ${text}`);
  const { code, at, sourceLine } = parsed.error;
  return { code, marked: sourceLine.slice(at.col - 1, at.endCol - 1), line: at.line };
};

describe('the filter language', () => {
  it('binds "and" tighter than "or", and "not" tighter than both', () => {
    expect(parse('metric.auc > 0.7 and trigger = drift or param.trees in (40, 50)')).toEqual({
      kind: 'or',
      of: [
        {
          kind: 'and',
          of: [
            { kind: 'compare', field: { kind: 'metric', name: 'auc' }, operator: '>', values: [0.7] },
            { kind: 'compare', field: { kind: 'plain', name: 'trigger' }, operator: '=', values: ['drift'] },
          ],
        },
        { kind: 'compare', field: { kind: 'param', name: 'trees' }, operator: 'in', values: [40, 50] },
      ],
    });
    expect(parse('not dirty = true and tainted = false')).toMatchObject({ kind: 'and', of: [{ kind: 'not' }, {}] });
    expect(parse('not (dirty = true and tainted = false)')).toMatchObject({ kind: 'not', of: { kind: 'and' } });
  });

  it('reads numbers, quoted texts, durations, times, lists and what is missing', () => {
    expect(parse('metric.loss <= -1e-3')).toMatchObject({ values: [-0.001] });
    expect(parse(`param.name = 'a "b" c'`)).toMatchObject({ values: ['a "b" c'] });
    expect(parse('param.name != "40"')).toMatchObject({ values: ['40'], operator: '!=' });
    expect(parse('duration > 1h30m')).toMatchObject({ values: [5_400_000] });
    expect(parse('started >= 2026-02-01')).toMatchObject({ values: ['2026-02-01T00:00:00.000Z'] });
    expect(parse('param.trees not in (1, 2)')).toMatchObject({ kind: 'not', of: { operator: 'in', values: [1, 2] } });
    expect(parse('metric.auc is present')).toMatchObject({ kind: 'not', of: { operator: 'missing' } });
    expect(parse('tool.python contains 3.11')).toMatchObject({ operator: 'contains', values: [3.11] });
  });

  it.each([
    ['metrik.auc > 0.7', 'unknown-field', 'metrik.auc'],
    ['metric.auc > abc', 'not-a-number', 'abc'],
    ['metric.auc >', 'unexpected', ''],
    ['metric.auc 0.7', 'unexpected', '0.7'],
    ['(status = failed', 'unclosed', '('],
    ['status = failed)', 'unexpected', ')'],
    ['status = failed status = lost', 'unexpected', 'status'],
    ['param.trees in 40', 'unexpected', '40'],
    ['param.trees in (40 50)', 'unexpected', '50'],
    ['duration > long', 'not-a-duration', 'long'],
    ['started > yesterday', 'not-a-time', 'yesterday'],
    ['status is gone', 'unexpected', 'gone'],
    ['', 'unexpected', ''],
    ['status = "failed', 'unexpected', '"'],
  ])('points at the fault of: %s', (text, code, marked) => {
    expect(faultOf(text)).toMatchObject({ code, marked });
  });

  it('counts lines', () => {
    expect(faultOf('status = failed\nand statsu = lost')).toMatchObject({ line: 2, marked: 'statsu' });
  });
});
