import { describe, expect, it } from 'vitest';
import type { ColumnProfile } from '../../../src/domain/data/profile.js';
import type { ColumnCells } from '../../../src/drift/judge/cells.js';
import { type Measured, type Method, methodFor } from '../../../src/drift/judge/distance-methods.js';
import { judgeDistance } from '../../../src/drift/judge/judge-distance.js';
import { texts } from './columns.js';

const ALPHA = 0.001;
const NONE = { reference: 0, current: 0 };
const cellsOf = (reference: readonly number[], current: readonly number[]): ColumnCells => ({
  ...{ kind: 'categorical', edges: [], values: reference.slice(1).map((_, i) => `v${i}`), missing: NONE },
  ...{ reference, current },
});
/** Three values, so that no single rate is judged. */
const THREE = cellsOf([500, 300, 200, 0], [400, 350, 250, 0]);
const REFERENCE = texts({ v0: 500, v1: 500 });

/** A distance that has these figures, whatever the rows. */
const fixed = (measured: Measured | undefined, most?: number): Method => ({
  ...{ name: 'psi', kinds: ['categorical'], measure: () => measured, most },
});
const judge = (method: Method, cells = THREE, reference: ColumnProfile = REFERENCE) =>
  judgeDistance({ reference, cells, method, alpha: ALPHA });

describe('a distance is drift', () => {
  const at = (score: number, least: number, limit: number) =>
    judge(fixed({ score, least, limit, pValue: 0.5, unscaled: 7 }));

  it('if it exceeds both the effect size and the limit of chance', () => {
    expect(at(0.0501, 0.05, 0.04)?.isDrift).toBe(true);
    expect(at(0.05, 0.05, 0.04)?.isDrift).toBe(false);
    expect(at(0.0501, 0.04, 0.05)?.isDrift).toBe(true);
    expect(at(0.05, 0.04, 0.05)?.isDrift).toBe(false);
    expect(at(0.2, 0.04, 0.05)?.figures).toEqual({ score: 0.2, threshold: 0.05, pValue: 0.5, unscaled: 7 });
  });

  it('with a p-value of 1 at most, and no judgement without a distance', () => {
    expect(judge(fixed({ score: 0, least: 0.1, limit: 0.1, pValue: 1.7 }))?.figures.pValue).toBe(1);
    expect(judge(fixed(undefined))).toBeUndefined();
  });
});

describe('a limit is blind', () => {
  const isBlind = (limit: number, most?: number, score = 0.5) =>
    judge(fixed({ score, least: 0.05, limit, pValue: 0.5 }, most))?.isBlind;

  it('if the largest possible distance does not exceed it', () => {
    expect(isBlind(1, 1)).toBe(true);
    expect(isBlind(0.999, 1)).toBe(false);
    expect(isBlind(1000)).toBe(false);
  });

  it('not if the distance exceeds it', () => {
    expect(isBlind(1, 1, 1.1)).toBe(false);
  });
});

describe('the rate of two values', () => {
  const measured = { score: 0.06, least: 0.09, limit: 0.05, pValue: 0.0001 };
  const thresholdOf = (cells: ColumnCells) => judge(fixed(measured), cells)?.figures.threshold;

  it('counts by its ratio too: from two to eight in a hundred only the limit of chance holds', () => {
    expect(thresholdOf(cellsOf([20, 980, 0], [80, 920, 0]))).toBe(0.05);
    // from 20 to 21 in a hundred
    expect(thresholdOf(cellsOf([200, 800, 0], [210, 790, 0]))).toBe(0.09);
    // one value of three
    expect(thresholdOf(cellsOf([20, 970, 10, 0], [80, 910, 10, 0]))).toBe(0.09);
  });

  it('does not lift the limit of chance', () => {
    const turned = fixed({ ...measured, least: 0.05, limit: 0.09 });
    expect(judge(turned, cellsOf([20, 980, 0], [80, 920, 0]))?.figures.threshold).toBe(0.09);
  });
});

describe('the history of the reference', () => {
  const TVD = methodFor('tvd', 'categorical');
  /** Ten spans of a hundred rows; so many of them say no. */
  const withSpans = (no: readonly number[]): ColumnProfile => ({
    ...texts({ yes: 500, no: 500 }),
    history: no.map((count) => [count, 100 - count, 0]),
  });
  const wild = withSpans([50, 60, 40, 70, 30, 55, 45, 65, 35, 50]);
  const even = withSpans([50, 53, 47, 52, 48, 51, 49, 54, 46, 50]);
  const windowOf = (no: number, yes: number): ColumnCells => ({
    ...cellsOf([500, 500, 0], [no, yes, 0]),
    values: ['no', 'yes'],
  });

  it('raises the limit of a distance that exceeds the others, where its spans vary', () => {
    const bare = judge(TVD, windowOf(90, 10), texts({ yes: 500, no: 500 }));
    const raised = judge(TVD, windowOf(90, 10), wild);
    expect(bare).toMatchObject({ isDrift: true, isHistory: false });
    expect(raised?.isHistory).toBe(true);
    expect(raised?.figures.threshold).toBeGreaterThan(bare?.figures.threshold ?? 1);
    expect(judge(TVD, windowOf(90, 10), even)).toMatchObject({ isHistory: false, figures: bare?.figures });
  });

  it('changes nothing of a smaller distance', () => {
    const small = judge(TVD, windowOf(52, 48), wild);
    expect(small).toMatchObject({ isDrift: false, isHistory: false, isBlind: false });
    expect(small?.figures).toEqual(judge(TVD, windowOf(52, 48), even)?.figures);
  });

  it('says by how much a share varies more, whatever the distance', () => {
    // by hand: the variance of the spans is 6.667 times that of independent rows
    for (const cells of [windowOf(90, 10), windowOf(52, 48)])
      expect(judge(TVD, cells, wild)?.inflation()).toBeCloseTo(6 + 2 / 3, 9);
    expect(judge(TVD, windowOf(90, 10), even)?.inflation()).toBe(1);
    expect(judge(TVD, windowOf(90, 10), texts({ yes: 500, no: 500 }))?.inflation()).toBe(1);
  });

  /** A distance of 0.3 above a limit of 0.1, which the history raises to 0.35; so far from it are rows that no value of the reference has. */
  const strange = (score: number | undefined): Method => ({
    ...{ name: 'psi', kinds: ['categorical'] },
    measure: ({ current }) => {
      const [no = 0, yes = 0] = current;
      if (yes + no === 0) return score === undefined ? undefined : { score, least: 0.05, limit: 0.1, pValue: 0.1 };
      const isGiven = no === 90;
      const isFewer = yes + no < 100;
      return { score: isGiven || isFewer ? 0.3 : 1, least: 0.05, limit: isGiven ? 0.1 : 0.35, pValue: 0.1 };
    },
  });

  it('is blind if rows without a value of the reference do not exceed its limit either', () => {
    const judged = (score: number | undefined) => judge(strange(score), windowOf(90, 10), wild);
    expect(judged(0.36)).toMatchObject({ isDrift: false, isHistory: true, isBlind: false });
    expect(judged(0.36)?.figures.threshold).toBe(0.35);
    expect(judged(0.35)?.isBlind).toBe(true);
    // too few rows for the distance
    expect(judged(undefined)?.isBlind).toBe(true);
  });
});
