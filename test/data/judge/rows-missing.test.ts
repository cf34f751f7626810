import { describe, expect, it } from 'vitest';
import { missingRows } from '../../../src/data/judge/rows-missing.js';
import { counted } from './profiles.js';

const history = [1000, 900, 1100].map((rows) => counted(rows));
const usual = Array.from({ length: 10 }, () => 100);

describe('rows that did not come', () => {
  it.each([
    ['just below six tenths of the middle window', 599, 'rows-missing'],
    ['six tenths', 600, undefined],
    ['as usual', 1000, undefined],
  ])('%s', (_, rows, code) => {
    expect(missingRows(counted(rows), history, undefined)?.code).toBe(code);
  });

  it('needs three earlier windows, and less than any of them had', () => {
    expect(missingRows(counted(100), history.slice(1), undefined)).toBeUndefined();
    expect(missingRows(counted(400), [...history, counted(400)], undefined)).toBeUndefined();
    expect(missingRows(counted(399), [...history, counted(400)], undefined)?.code).toBe('rows-missing');
  });

  it('is an error where they are missing in stretches, and a warning where every part has fewer', () => {
    const cut = usual.map((rows, i) => (i < 4 ? rows : 0));
    expect(missingRows(counted(400), history, { usual, now: cut })).toMatchObject({
      code: 'rows-missing',
      severity: 'error',
      rows: 600,
    });
    const thin = usual.map((rows) => rows * 0.4);
    expect(missingRows(counted(400), history, { usual, now: thin })).toMatchObject({
      code: 'fewer-rows',
      severity: 'warning',
    });
  });

  it.each([
    ['half of the missing rows in empty parts', [19, 19, 19, 19, 60, 60, 60, 60, 60, 60], 'rows-missing'],
    ['exactly half of them', [0, 0, 0, 40, 40, 40, 40, 40, 100, 100], 'rows-missing'],
    ['less than half of them', [19, 19, 53, 53, 53, 54, 60, 60, 60, 60], 'fewer-rows'],
    ['parts with a fifth of their rows are not empty', usual.map((_, i) => (i < 6 ? 20 : 80)), 'fewer-rows'],
    ['parts with less are', usual.map((_, i) => (i < 6 ? 19 : 80)), 'rows-missing'],
  ])('%s', (_, now, code) => {
    const rows = now.reduce((sum, one) => sum + one, 0);
    expect(rows).toBeLessThan(600);
    expect(missingRows(counted(rows), history, { usual, now })?.code).toBe(code);
  });

  it('needs gaps beyond chance: few rows a part leave some empty', () => {
    const past = [100, 90, 110].map((rows) => counted(rows));
    const judge = (now: readonly number[]) => {
      const rows = now.reduce((sum, one) => sum + one, 0);
      return missingRows(counted(rows), past, { usual: Array(20).fill(5), now })?.code;
    };
    const even = [0, 2, 0, 3, 0, 0, 4, 0, 3, 0, 0, 2, 3, 0, 4, 0, 0, 3, 0, 1];
    expect(judge(even)).toBe('fewer-rows');
    expect(judge(Array.from({ length: 20 }, (_, i) => (i < 7 ? 5 : 0)))).toBe('rows-missing');
    // nights have none in any week
    const usual = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 100 : 0));
    const fewer = usual.map((rows) => rows * 0.3);
    expect(missingRows(counted(300), history, { usual, now: fewer })?.code).toBe('fewer-rows');
  });

  it('says how many rows are missing, and why that may be', () => {
    expect(missingRows(counted(400), history, undefined)).toEqual({
      code: 'rows-missing',
      severity: 'error',
      detail: '400 rows; earlier windows as long had 900 to 1100',
      rows: 600,
      likelyCause: 'a delivery that was cut off, or has not come yet',
      evidence: { rows_now: 400, rows_usual: 1000, share: 0.6 },
    });
    expect(missingRows(counted(400), history, { usual, now: usual.map(() => 40) })).toMatchObject({
      detail: '400 rows; earlier windows as long had 900 to 1100; every part of the window has fewer',
      likelyCause: 'less to record: demand, traffic, customers',
    });
  });

  it('is a warning where no part has fewer rows than usual', () => {
    expect(missingRows(counted(400), history, { usual, now: usual })?.code).toBe('fewer-rows');
  });

  it('ignores hours that are empty in every window', () => {
    const nights = usual.map((rows, i) => (i % 2 === 0 ? rows * 2 : 0));
    expect(missingRows(counted(400), history, { usual: nights, now: nights.map((rows) => rows * 0.4) })?.code).toBe(
      'fewer-rows',
    );
  });
});
