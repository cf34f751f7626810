import { describe, expect, it } from 'vitest';
import { DAY_MS, instantOf } from '../../../src/domain/support/time.js';
import { kindBetween, locateChange, rowsOf } from '../../../src/performance/judge/change/locate-change.js';
import { seededNormal, seededRandom } from '../../../src/statistics/random.js';

const WEEK_MS = 7 * DAY_MS;
const PER_DAY = 50;
const day = (n: number) => instantOf(n * DAY_MS);

/** Numbers that a model predicts as 0, so that the error of a row is the size of its label. */
function errorsOf(days: number, labelAt: (at: number, i: number) => number) {
  const count = days * PER_DAY;
  const time = Float64Array.from({ length: count }, (_, i) => (i / PER_DAY) * DAY_MS);
  const label = time.map((at, i) => labelAt(at / DAY_MS, i));
  return { time, label, prediction: new Float64Array(count), error: label.map(Math.abs) };
}
const sinceOf = (rows: ReturnType<typeof errorsOf>, windowMs: number, alarm?: number): number | undefined => {
  const found = locateChange(rows, windowMs, alarm === undefined ? undefined : day(alarm));
  return found && found.at(found.change.since.index) / DAY_MS;
};

describe('the change that an alarm is about', () => {
  const normal = seededNormal(1);
  // up at 40, down at 50, up at 80
  const rows = errorsOf(100, (at) => 10 + normal() + ((at >= 40 && at < 50) || at >= 80 ? 3 : 0));

  it('is the rise near it, which may be five windows before', () => {
    expect(sinceOf(rows, DAY_MS, 42)).toBeCloseTo(40, 0);
    expect(sinceOf(rows, DAY_MS, 82)).toBeCloseTo(80, 0);
    // without an alarm it is the last change
    expect(sinceOf(rows, DAY_MS)).toBeCloseTo(80, 0);
  });

  it('is none if no rise follows, and none lies in the five windows before', () => {
    expect(sinceOf(rows, DAY_MS, 84.5)).toBeCloseTo(80, 0);
    expect(sinceOf(rows, DAY_MS, 95)).toBeUndefined();
    expect(sinceOf(rows, WEEK_MS, 95)).toBeCloseTo(80, 0);
  });
});

describe('rows of one day that share its weather', () => {
  const weather = (days: number) => {
    const [outside, own] = [seededNormal(3), seededNormal(4)];
    const levels = Array.from({ length: days }, () => 20 + outside());
    return errorsOf(days, (at) => (levels[Math.floor(at)] ?? 0) + 0.2 * own());
  };

  it('are one item, so that no day counts as a change', () => {
    expect(locateChange(weather(60), WEEK_MS)).toBeUndefined();
    expect(locateChange(weather(30), WEEK_MS)).toBeUndefined();
  });

  it('are single rows where there are fewer than thirty days', () => {
    expect(locateChange(weather(29), WEEK_MS)).toBeDefined();
  });

  it('have a change where all days from one on are worse, at the start of that day', () => {
    const { label, ...rows } = weather(60);
    const risen = label.map((x, i) => x + (i >= 40 * PER_DAY ? 6 : 0));
    expect(sinceOf({ ...rows, label: risen, error: risen }, WEEK_MS)).toBe(40);
  });
});

it('reduces many rows to means of neighbours, and still says when', () => {
  const normal = seededNormal(5);
  const days = 900;
  const rows = errorsOf(days, (at) => 10 + normal() + (at >= 700 ? 2 : 0));
  expect(rows.time.length).toBe(45_000);
  expect(sinceOf(rows, WEEK_MS)).toBeCloseTo(700, 0);
  // three rows each: the last item begins three rows before the end
  const found = locateChange(rows, WEEK_MS);
  expect((found?.at(1e9) ?? 0) / DAY_MS).toBeCloseTo(days - 3 / PER_DAY, 9);
  const { before, after } = found?.change ?? {};
  expect([before?.value, after?.value].map((x) => Math.round(10 * (x ?? 0)) / 10)).toEqual([10, 12]);
  expect((before?.items ?? 0) + (after?.items ?? 0)).toBe(15_000);
});

describe('a slow change', () => {
  const way = (at: number) => Math.max(0, Math.min(1, (at - 60) / 40));

  it.each([
    ['gradual', (at: number, chance: number) => (chance < way(at) ? 60 : 0)],
    ['incremental', (at: number) => 60 * way(at)],
  ] as const)('is %s as its rows show it, also while it goes on', (form, bias) => {
    for (const days of [120, 99]) {
      const [normal, uniform] = [seededNormal(8), seededRandom(9)];
      const rows = errorsOf(days, (at) => 12 * normal() + bias(at, uniform()));
      expect(locateChange(rows, WEEK_MS)?.change.form).toBe(form);
    }
  });
});

describe('a slow change of labels, whose errors of 0 and 1 do not show how it proceeds', () => {
  const DAYS = 120;

  it.each(['gradual', 'incremental'] as const)('is %s as their scores show it', (form) => {
    const uniform = seededRandom(21);
    const time = Float64Array.from({ length: DAYS * PER_DAY }, (_, i) => (i / PER_DAY) * DAY_MS);
    const way = (at: number) => Math.max(0, Math.min(1, (at / DAY_MS - 50) / 50));
    const prediction = time.map(() => 0.01 + 0.98 * uniform());
    const label = time.map((at, i) => {
      const p = prediction[i] ?? 0;
      const turned = uniform() < way(at) ? 1 - p : p;
      const faded = 1 / (1 + ((1 - p) / p) ** (1 - 2 * way(at)));
      return uniform() < (form === 'gradual' ? turned : faded) ? 1 : 0;
    });
    const error = label.map((y, i) => ((prediction[i] ?? 0) >= 0.5 === (y === 1) ? 0 : 1));
    expect(locateChange({ time, prediction, label, error }, WEEK_MS)?.change.form).toBe(form);
  });
});

describe('the kind of a change in scored rows', () => {
  /** Scores of which the later ones are higher with `lean`, and labels that come as often as the score says. */
  const scored = (lean: number, truth: (p: number, isLate: boolean) => number) => {
    const uniform = seededRandom(11);
    const count = 6000;
    const time = Float64Array.from({ length: count }, (_, i) => i);
    const prediction = time.map((i) => uniform() ** (i < count / 2 ? 1 : 1 / (1 + lean)));
    const label = prediction.map((p, i) => (uniform() < truth(p, i >= count / 2) ? 1 : 0));
    return { time, prediction, label, error: label.map((y, i) => (y - (prediction[i] ?? 0)) ** 2) };
  };
  const between = (rows: ReturnType<typeof scored>) => kindBetween(rows, instantOf(3000));

  it('is none, virtual or real by what moved', () => {
    expect(between(scored(0, (p) => p))).toBe('none');
    expect(between(scored(1, (p) => p))).toBe('virtual');
    expect(between(scored(0, (p, isLate) => (isLate ? 1 - p : p)))).toBe('real');
    expect(between(scored(1, (p, isLate) => (isLate ? p / 2 : p)))).toBe('real');
  });

  it('is unclear without rows on one side', () => {
    const rows = scored(0, (p, isLate) => (isLate ? 1 - p : p));
    expect([-1, 0, 6000, 7000].map((at) => kindBetween(rows, instantOf(at)))).toEqual(new Array(4).fill('unclear'));
    expect(kindBetween(rows, instantOf(5960))).toBe('unclear');
  });

  it('is unclear without fifty rows before it', () => {
    const rows = scored(0, (p) => p);
    expect(kindBetween(rows, instantOf(49))).toBe('unclear');
    expect(kindBetween(rows, instantOf(0))).toBe('unclear');
  });
});

describe('an excursion in independent rows', () => {
  /** So many rows a day whose errors are higher for some rows in the middle, at levels that alternate around their mean. */
  const away = (days: number, perDay: number, items: number, height = 3) => {
    const count = days * perDay;
    const normal = seededNormal(12);
    const from = Math.floor(count / 2);
    const time = Float64Array.from({ length: count }, (_, i) => (i / perDay) * DAY_MS);
    const label = time.map((_, i) => 20 + normal() + (i >= from && i < from + items ? height : 0));
    return { time, label, prediction: new Float64Array(count), error: label };
  };
  const formOf = (...given: Parameters<typeof away>) => locateChange(away(...given), WEEK_MS)?.change.form;

  it('is a blip if it takes less than three days, or two hundred and fifty rows', () => {
    // a week has seven cells, so that a cell is a day
    expect(formOf(600, 10, 28)).toBe('blip');
    expect(formOf(600, 10, 40)).toBe('recurring');
    expect(formOf(300, 100, 225, 1.5)).toBe('blip');
    expect(formOf(300, 100, 275, 1.5)).toBe('recurring');
  });

  it('is a blip if it takes less than a day with very many rows', () => {
    expect(formOf(20, 600, 560)).toBe('blip');
    expect(formOf(20, 600, 650)).toBe('recurring');
  });

  it('is measured in means of neighbours where rows are many', () => {
    // 45,000 rows, three of them an item: 150 rows are fifty items
    expect(formOf(900, 50, 132)).toBe('blip');
    expect(formOf(900, 50, 186)).toBe('recurring');
  });

  it('needs four items, and three for a slow change, of very few rows', () => {
    // one row a day: a cell is a row
    expect(formOf(400, 1, 3, 12)).toBe('blip');
    expect(formOf(400, 1, 5, 12)).toBe('recurring');
  });
});

it('sees in the rows that two worlds alternate, where a day of rows hides it', () => {
  const [outside, own, uniform] = [seededNormal(3), seededNormal(4), seededRandom(6)];
  const levels = Array.from({ length: 160 }, () => 20 + outside());
  const share = (at: number) => Math.max(0, Math.min(1, (at - 60) / 60));
  const slow = (days: number) => {
    const rows = errorsOf(days, (at) => (levels[Math.floor(at)] ?? 0) + 0.2 * own() + (uniform() < share(at) ? 20 : 0));
    return locateChange(rows, WEEK_MS)?.change.form;
  };
  expect(slow(160)).toBe('gradual');
  expect(slow(110)).toBe('gradual');
});

describe('the kind of a change in few rows', () => {
  const HALF = 100;
  /** Scores that do not move, and so many positive labels on either side; too few rows for a comparison of alike ones. */
  const few = (before: number, after: number, half = HALF, error = (_: number) => 0) => {
    const count = 2 * half;
    const time = Float64Array.from({ length: count }, (_, i) => i);
    const prediction = time.map((i) => ((i * 37) % half) / half);
    const label = time.map((i) => ((i * 0.618) % 1 < (i < half ? before : after) / half ? 1 : 0));
    const positives = (from: number) => label.slice(from, from + half).reduce((sum, y) => sum + y, 0);
    return { rows: { time, prediction, label, error: time.map(error) }, positives: [positives(0), positives(half)] };
  };

  it('follows the means of labels and errors, beyond 3.09 standard errors', () => {
    // 20 and 40 of 100: √(0.2 · 0.8 / 100 + 0.4 · 0.6 / 100) = 0.0632, and 3.09 of them are 0.195
    const exactly = (before: number, after: number) => {
      const { rows } = few(before, after);
      const label = rows.time.map((i) => ((i < HALF ? i < before : i - HALF < after) ? 1 : 0));
      return kindBetween({ ...rows, label }, instantOf(HALF));
    };
    expect(exactly(20, 40)).toBe('real');
    expect(exactly(20, 39)).toBe('none');
    expect(exactly(40, 20)).toBe('real');
    expect(exactly(20, 20)).toBe('none');
  });

  it('follows errors alone, too', () => {
    const { rows } = few(30, 30);
    const still = rows.time.map(() => 1);
    const label = rows.time.map((i) => (i % HALF < 30 ? 1 : 0));
    const risen = (by: number) => rows.time.map((i) => (i % 2) + (i < HALF ? 0 : by));
    // a standard deviation of 0.5 in a hundred each: 3.09 standard errors are 0.2185
    expect(kindBetween({ ...rows, label, error: risen(0.23) }, instantOf(HALF))).toBe('real');
    expect(kindBetween({ ...rows, label, error: risen(0.21) }, instantOf(HALF))).toBe('none');
    expect(kindBetween({ ...rows, label, error: still }, instantOf(HALF))).toBe('none');
  });
});

describe('a world that comes and goes', () => {
  const normal = seededNormal(8);
  const bad = (at: number, from: number, days: number) => at >= from && at < from + days;

  it('comes back if the old one stayed for half a window', () => {
    const away = (days: number) => {
      const rows = errorsOf(100, (at) => 10 + normal() + (bad(at, 40, 14) || at >= 54 + days ? 6 : 0));
      return locateChange(rows, WEEK_MS, day(40))?.change.form;
    };
    expect(away(4)).toBe('recurring');
    expect(away(3)).toBe('sudden');
  });

  it('comes back where the rows of a day share its weather', () => {
    const levels = Array.from({ length: 100 }, () => 20 + normal());
    const away = (days: number) => {
      const isBad = (at: number) => bad(at, 40, 14) || at >= 54 + days;
      const rows = errorsOf(100, (at) => (levels[Math.floor(at)] ?? 0) + 0.2 * normal() + (isBad(at) ? 15 : 0));
      return locateChange(rows, WEEK_MS, day(40))?.change.form;
    };
    expect(away(6)).toBe('recurring');
    expect(away(3)).toBe('sudden');
  });

  it('is compared with the old one that it replaced, and not with its own earlier visit', () => {
    const rows = errorsOf(100, (at) => 10 + 0.1 * normal() + (bad(at, 40, 14) || bad(at, 68, 14) ? 6 : 0));
    const located = locateChange(rows, WEEK_MS, day(40));
    if (located === undefined) throw new Error('no change was found');
    const { time } = rowsOf(rows, located);
    expect((time[0] ?? 0) / DAY_MS).toBeCloseTo(54, 0);
    expect((time.at(-1) ?? 0) / DAY_MS).toBeCloseTo(82, 0);
    const once = locateChange(rows, WEEK_MS);
    expect(once?.change.form).toBe('recurring');
    const sudden = errorsOf(100, (at) => 10 + 0.1 * normal() + (at >= 60 ? 6 : 0));
    const whole = locateChange(sudden, WEEK_MS, day(60));
    if (whole === undefined) throw new Error('no change was found');
    expect(rowsOf(sudden, whole).time.length).toBe(sudden.time.length);
  });
});
