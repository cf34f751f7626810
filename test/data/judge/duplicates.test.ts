import { describe, expect, it } from 'vitest';
import { duplicates, kindsOf, repeatedShare } from '../../../src/data/judge/duplicates.js';
import { instantOf } from '../../../src/domain/support/time.js';
import { column, counted, table, uniforms } from './profiles.js';

describe('what is expected of repeated rows', () => {
  it('follows the birthday problem', () => {
    // 23 people of 365 birthdays: 22.3 different ones are expected
    expect(23 * (1 - repeatedShare(23, 365))).toBeCloseTo(22.3, 1);
    expect(repeatedShare(10, 0.5)).toBe(1);
    expect(repeatedShare(1, 1e9)).toBeCloseTo(0, 6);
  });

  it('gives back the number of kinds', () => {
    for (const kinds of [50, 1000, 1e6]) {
      const repeated = repeatedShare(2000, kinds) * 2000;
      expect(kindsOf(2000, repeated) / kinds).toBeCloseTo(1, 2);
    }
  });
});

const judge = (now: ReturnType<typeof counted>, was = counted(1000, 0), history: readonly (typeof was)[] = []) =>
  duplicates(was, now, history);

describe('rows that came twice', () => {
  it.each([
    ['two rows in a hundred and the three that chance may bring', 1000, 22, undefined],
    ['just above', 1000, 23, 'duplicates'],
    ['two of twenty are chance', 20, 2, undefined],
    ['three are not', 20, 3, 'duplicates'],
    ['a third of them', 1000, 300, 'duplicates'],
    ['none', 1000, 0, undefined],
    ['a few of a few', 20, 2, undefined],
  ])('%s', (_, rows, repeated, code) => {
    expect(judge(counted(rows, repeated))?.code).toBe(code);
  });

  it('needs twice what is expected', () => {
    // 300 of 1,000 before: up to 33 % are within chance
    const was = counted(1000, 300);
    expect(judge(counted(1000, 669), was)).toBeUndefined();
    expect(judge(counted(1000, 670), was)?.code).toBe('duplicates');
  });

  it('allows two hundredths more, whatever was usual', () => {
    const was = counted(10_000, 100);
    expect(judge(counted(10_000, 319), was)).toBeUndefined();
    expect(judge(counted(10_000, 320), was)?.code).toBe('duplicates');
  });

  it.each([
    // 1/8 of a long table: a tenth of its rows may repeat as much, and twice as much is no fault yet
    ['twice what was usual', counted(1_000_000, 125_000), counted(100_000, 25_000), undefined],
    ['just above', counted(1_000_000, 125_000), counted(100_000, 25_001), 'duplicates'],
    // 1/64 + 0.02
    ['two hundredths above what was usual', counted(640_000, 10_000), counted(160_000, 5700), undefined],
    ['just above', counted(640_000, 10_000), counted(160_000, 5701), 'duplicates'],
  ])('%s', (_, was, now, code) => {
    expect(judge(now, was)?.code).toBe(code);
  });

  it('expects more of more rows, and not less of fewer', () => {
    const kinds = 7500;
    const repeated = (rows: number): number => Math.round(repeatedShare(rows, kinds) * rows);
    const was = counted(1000, repeated(1000));
    expect(judge(counted(3000, repeated(3000)), was)).toBeUndefined();
    expect(judge(counted(10_000, repeated(10_000)), was)).toBeUndefined();
    expect(judge(counted(3000, repeated(3000) + 900), was)?.code).toBe('duplicates');
    // a column of few kinds repeats itself in every window: fewer rows may repeat as much
    expect(judge(counted(500, 40), counted(1000, 80))).toBeUndefined();
    expect(judge(counted(200, 20), counted(1000, 80))).toBeUndefined();
  });

  it('expects what earlier windows had', () => {
    const now = counted(1000, 200);
    expect(judge(now)?.code).toBe('duplicates');
    expect(judge(now, counted(1000, 0), [counted(1000, 190)])).toBeUndefined();
    // an earlier window without rows says nothing
    expect(judge(now, counted(1000, 0), [counted(0, 0)])?.code).toBe('duplicates');
  });

  it('expects more where a column has fewer values than before', () => {
    const kinds = uniforms(1, 4000).map((value) => Math.floor(value * 400));
    const wages = uniforms(2, 4000).map((value) => 10 + Math.round(value * 9000) / 1000);
    const was = table({ kinds, wages }, { duplicateRows: 30 });
    const capped = table({ kinds, wages: wages.map((value) => Math.max(15, value)) }, { duplicateRows: 1700 });
    expect(duplicates(was, capped, [])).toBeUndefined();
    expect(duplicates(was, table({ kinds, wages }, { duplicateRows: 1700 }), [])?.code).toBe('duplicates');
    // the columns of a delivery that came twice are as they were
    const twice = table({ kinds: [...kinds, ...kinds], wages: [...wages, ...wages] }, { duplicateRows: 4030 });
    expect(duplicates(was, twice, [])).toMatchObject({ code: 'duplicates', severity: 'error', rows: 4030 });
  });

  describe('with a column that tells rows apart', () => {
    // Eight weeks of hours, and one of them. Of what goes with the calendar a week has fewer values, so its rows agree more often.
    const hours = (from: number, to: number): readonly number[] =>
      Array.from({ length: to - from }, (_, i) => from + i);
    const calendar = (rows: readonly number[]) =>
      Object.fromEntries(
        [700, 650, 350, 170, 200, 120].map((length) => [`of${length}`, rows.map((hour) => Math.floor(hour / length))]),
      );
    const week = (rows: readonly number[], repeated: number) =>
      table({ ...calendar(rows), at: rows }, { duplicateRows: repeated });
    const was = week(hours(0, 1344), 0);

    it('finds a week that came twice', () => {
      const now = hours(1000, 1168);
      expect(duplicates(was, week([...now, ...now], 168), [])?.code).toBe('duplicates');
      expect(duplicates(was, week([...now, ...now.slice(0, 80)], 80), [])?.code).toBe('duplicates');
      // earlier windows are as narrow, and say nothing else
      expect(duplicates(was, week([...now, ...now], 168), [week(hours(800, 968), 0)])?.code).toBe('duplicates');
    });

    it('is a key, too, and a time of which the profile has the range only', () => {
      const rows = hours(0, 1000).map((hour) => hour % 2);
      const keyed = (keys: readonly string[], repeated: number) =>
        table({ side: keys.map((_, i) => i % 2), key: keys }, { duplicateRows: repeated });
      const keys = rows.map((_, i) => `k${i}`);
      const later = keys.slice(0, 300).map((key) => `${key}b`);
      expect(duplicates(keyed(keys, 0), keyed([...later, ...later], 300), [])?.code).toBe('duplicates');
      const timed = (from: number, to: number, distinct: number, repeated: number) => {
        const length = (to - from) * (repeated > 0 ? 2 : 1);
        const { columns, ...rest } = table(
          calendar(hours(from, to).flatMap((hour) => (repeated > 0 ? [hour, hour] : [hour]))),
          { duplicateRows: repeated },
        );
        const at = {
          name: 'at',
          type: 'timestamp',
          sqlType: 'TIMESTAMP',
          rows: length,
          missing: 0,
          notFinite: 0,
          distinct,
        };
        const time = { column: 'at', from: instantOf(from * 3_600_000), to: instantOf(to * 3_600_000) };
        return { ...rest, time, columns: [...columns, at as (typeof columns)[number]] };
      };
      expect(duplicates(timed(0, 1344, 1344, 0), timed(1000, 1168, 2, 168), [])?.code).toBe('duplicates');
    });

    it('asks the other columns where that one has fewer values than before', () => {
      const now = hours(1000, 1168).map((hour) => Math.max(1100, hour));
      expect(duplicates(was, week(now, 99), [])).toBeUndefined();
    });

    it('asks the other columns where its values repeated already', () => {
      const often = (hour: number): number => Math.floor(hour / 2);
      const now = hours(1000, 1168).map(often);
      expect(duplicates(week(hours(0, 1344).map(often), 0), week([...now, ...now], 168), [])).toBeUndefined();
    });

    it('may have its values closer together, as in the hours of a promotion', () => {
      const now = hours(1000, 1168);
      expect(duplicates(was, week(now, 45), [])).toBeUndefined();
      expect(duplicates(was, week(now, 60), [])?.evidence?.before).toBe(0.15);
    });
  });

  it('gives no finding where rows were not counted', () => {
    expect(judge(counted(1000, undefined))).toBeUndefined();
    expect(judge(counted(1000, 500), counted(1000, undefined))).toBeUndefined();
    expect(judge(counted(1000, 500), counted(1000, undefined), [counted(1000, 0)])?.code).toBe('duplicates');
    expect(judge(counted(0, 0))).toBeUndefined();
  });

  it('names both shares', () => {
    const found = judge(counted(1000, 300));
    expect(found?.evidence).toMatchObject({ after: 0.3 });
    expect(found?.detail).toMatch(/^30 % of the rows/);
  });
});

describe('how often rows agree by chance', () => {
  const KINDS = 400;
  /** Texts of which one value has this share of a thousand rows, and every other one is alone. */
  const note = (share: number) => Array.from({ length: 1000 }, (_, i) => (i < 1000 * share ? 'same' : `${i}`));
  const kinds = uniforms(1, 1000).map((value) => Math.floor(value * KINDS));
  const notes = (share: number, duplicateRows: number) => table({ kinds, note: note(share) }, { duplicateRows });

  it('rises with the square of the share that one text has', () => {
    // from a tenth to half of the rows: two rows agree 25 times as often
    const was = notes(0.1, 10);
    expect(duplicates(was, notes(0.5, 220), [])).toBeUndefined();
    expect(duplicates(was, notes(0.1, 220), [])?.code).toBe('duplicates');
    expect(duplicates(was, notes(0.5, 800), [])?.code).toBe('duplicates');
    // and falls where the text became rarer
    expect(duplicates(notes(0.5, 10), notes(0.1, 60), [])?.code).toBe('duplicates');
  });

  it('does not depend on columns that are gone', () => {
    const was = notes(0.1, 10);
    expect(duplicates(was, table({ kinds }, { duplicateRows: 220 }), [])?.code).toBe('duplicates');
  });

  it('is unknown of tables without rows', () => {
    expect(duplicates(counted(0, 0), counted(1000, 300), [])).toBeUndefined();
    expect(duplicates(counted(1000, 0), counted(0, 5), [])).toBeUndefined();
  });
});

it('says what to do', () => {
  expect(judge(counted(1000, 300))).toMatchObject({
    severity: 'error',
    rows: 300,
    likelyCause: 'a delivery that came twice',
    repair: 'drop repeated rows',
  });
});

it('counts missing values as one value', () => {
  const kinds = uniforms(3, 2000).map((value) => Math.floor(value * 1000));
  const was = table({ kinds, note: kinds }, { duplicateRows: 0 });
  const now = {
    ...table({ kinds }, { duplicateRows: 500 }),
    columns: [
      column('kinds', kinds),
      column(
        'note',
        kinds.map(() => null),
      ),
    ],
  };
  expect(duplicates(was, now, [])).toBeUndefined();
});

describe('columns whose values repeat', () => {
  const kinds = uniforms(5, 1000).map((value) => Math.floor(value * 400));
  /** The other column has the reference's values in one window and those of now in the other. */
  const with_ = (
    now: readonly (number | string | null)[],
    was: readonly (number | string | null)[],
    repeated: number,
  ) =>
    duplicates(
      table({ kinds, other: was }, { duplicateRows: 10 }),
      table({ kinds, other: now }, { duplicateRows: repeated }),
      [],
    )?.code;
  const different = kinds.map((_, i) => i);
  const share = (of: number, value: number | string | null) => different.map((i) => (i < of ? value : i));

  it('count from one row in a hundred on', () => {
    // two hundred texts with half a percent each agree no more often than different ones
    const rare = different.map((i) => `v${i % 200}`);
    expect(with_(rare, different.map(String), 140)).toBe('duplicates');
    // a hundred with one percent each: one pair of rows in a hundred agrees, twenty times as often as before
    expect(
      with_(
        different.map((i) => `v${i % 100}`),
        different.map(String),
        220,
      ),
    ).toBeUndefined();
  });

  it('may be missing ones, or infinite ones', () => {
    const was = share(100, null);
    expect(with_(share(500, null), was, 220)).toBeUndefined();
    const infinite = table({ kinds, other: was }, { duplicateRows: 220 });
    const half = {
      ...infinite,
      columns: infinite.columns.map((one) => (one.name === 'other' ? { ...one, notFinite: 400 } : one)),
    };
    expect(duplicates(table({ kinds, other: was }, { duplicateRows: 10 }), half, [])).toBeUndefined();
    expect(duplicates(table({ kinds, other: was }, { duplicateRows: 10 }), infinite, [])?.code).toBe('duplicates');
  });

  it('are compared by name', () => {
    const columns = { half: share(500, 7), kinds, other: different };
    expect(duplicates(table(columns, { duplicateRows: 10 }), table(columns, { duplicateRows: 220 }), [])?.code).toBe(
      'duplicates',
    );
  });

  it('of which a few rows are missing repeat no more', () => {
    expect(with_(share(5, null), different, 220)).toBe('duplicates');
  });

  it('may be numbers, of which a share is missing', () => {
    const halves = different.map((i) => (i % 2 === 0 ? null : i % 4 === 1 ? 7 : i));
    // 0.5² + 0.25² against 0.5²: rows agree a quarter more often
    expect(with_(halves, share(500, 7), 140)).toBe('duplicates');
    expect(with_(share(500, 7), share(100, 7), 220)).toBeUndefined();
    expect(with_(share(100, 7), share(100, 7), 220)).toBe('duplicates');
    // half of the rows are missing, and half of the others are 7: a quarter of all
    const quarter = different.map((i) => (i % 2 === 0 ? null : i % 4 === 1 ? 7 : i));
    expect(with_(quarter, quarter, 220)).toBe('duplicates');
  });

  it('give back what was seen while they repeat as often as before', () => {
    // 80 of 1,000 rows repeat; of 250 rows as few kinds would make 22
    expect(
      duplicates(
        table({ kinds }, { duplicateRows: 80 }),
        table({ kinds: kinds.slice(0, 250) }, { duplicateRows: 30 }),
        [],
      ),
    ).toBeUndefined();
    // the other column now has different values: rows agree less often
    expect(
      duplicates(
        table({ kinds, other: share(900, 7) }, { duplicateRows: 80 }),
        table({ kinds: kinds.slice(0, 500), other: different.slice(0, 500) }, { duplicateRows: 40 }),
        [],
      )?.code,
    ).toBe('duplicates');
  });
});

describe('a column that tells rows apart, where all others agree far more often than before', () => {
  const DAY = 86_400_000;
  /** A text that a tenth of the rows had, and nine tenths have now: about 0.65 of the rows may repeat. */
  const note = (share: number) =>
    column(
      'note',
      Array.from({ length: 1000 }, (_, i) => (i < 1000 * share ? 'same' : `${i}`)),
    );
  type Key = ReturnType<typeof column>;
  const key = (distinct: number, more: Partial<Key> = {}): Key => ({
    ...column('key', [...Array.from({ length: 500 }, (_, i) => 1000 + i), ...Array.from({ length: 500 }, () => 1999)]),
    distinct,
    ...more,
    ...(more.type === 'text' || more.type === 'timestamp' ? { numeric: undefined } : {}),
  });
  const even = (from: number, to: number): Partial<Key> => ({
    numeric: column(
      'key',
      Array.from({ length: 1000 }, (_, i) => from + ((to - from) * i) / 999),
    ).numeric,
  });
  const text: Partial<Key> = { type: 'text', sqlType: 'VARCHAR' };
  const clock: Partial<Key> = { type: 'timestamp', sqlType: 'TIMESTAMP' };
  const span = (name: string, days: number) => ({
    column: name,
    from: instantOf(Date.parse('2026-03-01')),
    to: instantOf(Date.parse('2026-03-01') + days * DAY),
  });
  const verdict = (before: Key, now: Key, repeated: number, [was, is] = [{}, {}]) =>
    duplicates(
      { ...counted(1000, 10), columns: [note(0.1), before], ...was },
      { ...counted(1000, repeated), columns: [note(0.9), now], ...is },
      [],
    )?.code;

  it('repeated at most three tenths of its values before', () => {
    expect(verdict(key(700, text), key(250, text), 750)).toBe('duplicates');
    expect(verdict(key(699, text), key(250, text), 750)).toBeUndefined();
  });

  it('now repeats at most three tenths more than whole rows do', () => {
    expect(verdict(key(1000, text), key(600, text), 100)).toBe('duplicates');
    expect(verdict(key(1000, text), key(599, text), 100)).toBeUndefined();
  });

  it('allows no repeated rows if it is a text, and 0.15 if it is a number', () => {
    const number = even(1000, 1999);
    expect(verdict(key(1000, text), key(900, text), 100)).toBe('duplicates');
    expect(verdict(key(1000, number), key(900, number), 300)).toBeUndefined();
    expect(verdict(key(1000, number), key(699, number), 301)).toBe('duplicates');
  });

  it('allows more if its range is narrower', () => {
    // 250 of 1,000 values repeated: about 1,450 kinds, of which an eighth is left
    const wide = even(8000, 16_000);
    expect(verdict(key(750, wide), key(500, wide), 650)).toBe('duplicates');
    expect(verdict(key(750, wide), key(500, even(9000, 10_000)), 650)).toBeUndefined();
    expect(verdict(key(750, wide), key(500, even(9000, 16_500)), 650)).toBe('duplicates');
  });

  it('is a time: the range is that of the window', () => {
    const of = (was: number, is: number) =>
      verdict(key(750, clock), key(2, clock), 650, [{ time: span('key', was) }, { time: span('key', is) }]);
    expect(of(56, 56)).toBe('duplicates');
    expect(of(56, 7)).toBeUndefined();
    expect(of(7, 56)).toBe('duplicates');
  });

  it('says nothing if its range is unknown', () => {
    const of = (was: string | undefined, is: string | undefined) =>
      verdict(key(1000, clock), key(2, clock), 500, [
        was === undefined ? {} : { time: span(was, 7) },
        is === undefined ? {} : { time: span(is, 7) },
      ]);
    expect(of('key', 'key')).toBe('duplicates');
    expect(of('key', 'at')).toBeUndefined();
    expect(of('at', 'key')).toBeUndefined();
    expect(of('at', 'at')).toBeUndefined();
    expect(of('key', undefined)).toBeUndefined();
    expect(of(undefined, undefined)).toBeUndefined();
    // a number that is read as a time now
    const number = key(1000, even(1000, 1999));
    expect(verdict(number, key(2, clock), 500)).toBeUndefined();
    expect(verdict(key(1000, clock), number, 500)).toBeUndefined();
  });
});
