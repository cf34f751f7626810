import { describe, expect, it } from 'vitest';
import type { GateRule } from '../../../src/domain/pipeline/pipeline.js';
import { FAIL, type Groups, metric, NA, PASS, score, sliced, verdictOf, versus } from './given-gate.js';

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
