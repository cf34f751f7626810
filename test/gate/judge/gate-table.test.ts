import { describe, expect, it } from 'vitest';
import type { GateRule } from '../../../src/domain/pipeline/pipeline.js';
import { FAIL, metric, PASS, score, type Value, verdictOf, versus } from './given-gate.js';

/** Gate semantics as a table: every rule × pass, fail, boundary, what is no number, zero and negative champions. */

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
