import { describe, expect, it } from 'vitest';
import { testPlaceholder, testSpelling } from '../../../../src/data/judge/repairs/spelling.js';
import { cities, draw, later, N, rowsOf, some } from '../categories.js';
import { column, texts } from '../profiles.js';

describe('another spelling', () => {
  it.each([
    ['lower case', (value: string) => value.toLowerCase(), 'fold the case'],
    ['spaces', (value: string) => `${value} `, 'trim the spaces'],
    ['both', (value: string) => ` ${value.toUpperCase()}`, 'trim and fold the case'],
    ['Latin-1', (value: string) => Buffer.from(value, 'utf8').toString('latin1'), 'decode Latin-1 as UTF-8'],
  ])('%s in all, 30 and 5 %% of the rows', (_, change, repair) => {
    for (const share of [1, 0.3, 0.05])
      expect(testSpelling(texts(cities, some(later, share, change)))).toMatchObject({
        code: 'respelled',
        severity: 'error',
        repair,
      });
  });

  const PLACES = { Köln: 30, Hamburg: 22, 'Bad Ems': 14, Nürnberg: 12, '00815': 9, '01067': 6, Kiel: 4 };
  const places = draw(PLACES);
  it.each([
    ['zeros lost', (value: string) => value.replace(/^0+/, ''), 'restore the leading zeros'],
    ['quotes', (value: string) => `'${value}'`, 'strip the quotes'],
    ['hyphens', (value: string) => value.replace(' ', '-'), 'write blanks, hyphens and underscores as before'],
    ['question marks', (value: string) => value.replace(/[öü]/, '?'), 'restore the letters that were lost'],
    ['two for a letter', (value: string) => value.replace(/[öü]/, '??'), 'restore the letters that were lost'],
    ['accents dropped', (value: string) => value.replace('ö', 'o').replace('ü', 'u'), 'restore the accents'],
    ['entities', (value: string) => value.replace('ö', '&ouml;').replace('ü', '&#252;'), 'decode the entities'],
    ['entities in hex', (value: string) => value.replace('ö', '&#xF6;').replace('ü', '&#xfc;'), 'decode the entities'],
    [
      'another page of codes',
      (value: string) => value.replace('ö', '÷').replace('ü', '³'),
      'restore the letters that were lost',
    ],
    ['addresses', (value: string) => encodeURIComponent(value), 'decode the percent signs'],
    ['two letters', (value: string) => value.replace('ö', 'oe').replace('ü', 'ue'), 'restore the umlauts'],
  ])('%s, in all, 30 and 10 %% of the rows', (_, change, repair) => {
    for (const share of [1, 0.3, 0.1])
      expect(testSpelling(texts(places, some(draw(PLACES, N, 77), share, change)))).toMatchObject({
        code: 'respelled',
        severity: 'error',
        repair,
      });
  });

  it('of numbers', () => {
    const codes = draw({ '10': 3, '20': 2, '30': 1 });
    expect(
      testSpelling(
        texts(
          codes,
          some(codes, 0.5, (value) => `${value}.0`),
        ),
      )?.repair,
    ).toBe('drop a trailing ".0"');
  });

  it('is not what new values are', () => {
    expect(
      testSpelling(
        texts(
          cities,
          some(later, 0.2, () => 'Drammen'),
        ),
      ),
    ).toBeUndefined();
    expect(
      testSpelling(
        texts(
          cities,
          some(later, 0.5, (value, i) => (i % 4 === 0 ? 'Drammen' : value.toLowerCase())),
        ),
      ),
    ).toBeUndefined();
    expect(testSpelling(texts(cities, later))).toBeUndefined();
  });

  it('lists the rows where SQL can', () => {
    expect(
      testSpelling(
        texts(
          cities,
          some(later, 1, (value) => value.toLowerCase()),
        ),
      )?.selects,
    ).toEqual({ kind: 'respelled', column: 'c', by: 'lower' });
    expect(
      testSpelling(
        texts(
          cities,
          some(later, 1, (value) => `${value} `),
        ),
      )?.selects,
    ).toEqual({ kind: 'respelled', column: 'c', by: 'trim' });
    const recoded = some(later, 1, (value) => Buffer.from(value, 'utf8').toString('latin1'));
    expect(testSpelling(texts(cities, recoded))?.selects).toBeUndefined();
  });
});

type Counts = Readonly<Record<string, number>>;
const respelled = (was: Counts, is: Counts) => testSpelling(texts(rowsOf(was), rowsOf(is)));

describe('what another spelling says', () => {
  it('is the share of new values, and how far they are explained', () => {
    expect(respelled({ Oslo: 60, Bergen: 40 }, { oslo: 60, Bergen: 40 })).toEqual({
      code: 'respelled',
      severity: 'error',
      detail:
        '60 % of the values are new, and known ones when repaired (total variation 0.6 falls to 0): fold the case',
      likelyCause: 'another upper and lower case',
      repair: 'fold the case',
      rows: 60,
      selects: { kind: 'respelled', column: 'c', by: 'lower' },
      evidence: { distance: 0.6, residual: 0, share: 0.6 },
    });
  });

  it.each([
    [
      'two letters for a sharp s, whose case has no partner',
      ['Straße', 'Weg'],
      ['Strasse', 'Weg'],
      'restore the umlauts',
    ],
    ['several zeros after the point', ['10', '20'], ['10.00', '20.00'], 'drop a trailing ".0"'],
    ['signs', ['Bar & Grill', "Joe's"], ['Bar &amp; Grill', 'Joe&#39;s'], 'decode the entities'],
    [
      'several separators',
      ['Bad Ems', 'Bad Elster'],
      ['Bad - Ems', 'Bad - Elster'],
      'write blanks, hyphens and underscores as before',
    ],
  ])('names the right repair of %s', (_, [a = '', b = ''], [c = '', d = ''], repair) => {
    expect(respelled({ [a]: 600, [b]: 400 }, { [c]: 600, [d]: 400 })?.repair).toBe(repair);
  });

  it.each([
    ['decimals that are not zero', ['15', '25'], ['1.05', '2.05']],
    ['what letters beyond Latin-1 leave in eight bits', ['Łomża', 'Łodygowice'], ['Aom|a', 'Aodygowice']],
    ['new words in other letters than ASCII', ['北京', '上海'], ['深圳', '成都']],
    ['new words with other umlauts', ['Köln', 'Weg 1'], ['Kälb', 'Weg 2']],
    ['new signs', ['😀', '😂'], ['😡', '👍']],
    ['a question mark that was there before', ['?', '北京'], ['?', '深圳']],
  ])('is nothing for %s', (_, [a = '', b = ''], [c = '', d = '']) => {
    expect(respelled({ [a]: 600, [b]: 400 }, { [c]: 600, [d]: 400 })).toBeUndefined();
  });
});

describe('the limits of another spelling', () => {
  it('leave a tenth of the new values unexplained', () => {
    expect(respelled({ Oslo: 600, Bergen: 400 }, { oslo: 90, Oslo: 510, Bergen: 390, Drammen: 10 })).toBeDefined();
    expect(respelled({ Oslo: 600, Bergen: 400 }, { oslo: 90, Oslo: 510, Bergen: 389, Drammen: 11 })).toBeUndefined();
  });

  it('ask for a distance that falls by half of their share', () => {
    // Oslo's share was 10 %: a share s of "oslo" in its place is a distance of s, and of s − 0.1 when repaired
    const was = { Oslo: 100, Bergen: 900 };
    expect(respelled(was, { oslo: 190, Bergen: 810 })).toBeDefined();
    expect(respelled(was, { oslo: 210, Bergen: 790 })).toBeUndefined();
  });

  it('do not ask for that where they are less than 5 %', () => {
    // the repair takes 0.005 from a distance of 0.049 or 0.05
    const was = { Oslo: 10, Bergen: 990 };
    expect(respelled(was, { oslo: 49, Oslo: 5, Bergen: 946 })).toBeDefined();
    expect(respelled(was, { oslo: 50, Oslo: 5, Bergen: 945 })).toBeUndefined();
  });
});

describe('a word for "missing"', () => {
  it.each(['', 'NULL', 'n/a', 'unknown', '-', '??', '-1', '9999', 'NaN', '#N/A'])('"%s"', (word) => {
    expect(
      testPlaceholder(
        texts(
          cities,
          some(later, 0.05, () => word),
        ),
      ),
    ).toMatchObject({
      code: 'sentinel',
      repair: `read "${word}" as missing`,
    });
  });

  it.each([
    ['another new value', 0.05, 'Drammen'],
    ['less than one in a hundred', 0.009, 'NULL'],
  ])('is not %s', (_, share, word) => {
    expect(
      testPlaceholder(
        texts(
          cities,
          some(later, share, () => word),
        ),
      ),
    ).toBeUndefined();
  });

  it('is no finding where the reference has it', () => {
    const was = some(cities, 0.05, () => 'NULL');
    expect(
      testPlaceholder(
        texts(
          was,
          some(later, 0.3, () => 'NULL'),
        ),
      ),
    ).toBeUndefined();
  });
});

describe('a word for "missing" that may be an answer', () => {
  const severity = (word: string, known: readonly string[]) => {
    const was = rowsOf(Object.fromEntries(known.map((one) => [one, 400])));
    return testPlaceholder(texts(was, [...was, ...rowsOf({ [word]: 200 })]))?.severity;
  };

  it.each([
    ['none', ['glass', 'theft', 'legal'], 'unclear'],
    ['none', ['Glass', 'Theft', 'Legal'], 'unclear'],
    ['nil', ['glass', 'theft', 'legal'], 'unclear'],
    ['None', ['Glass', 'Theft', 'legal'], 'unclear'],
    ['NONE', ['GLASS', 'THEFT', 'LEGAL'], 'unclear'],
    // as Python writes it
    ['None', ['glass', 'theft', 'legal'], 'error'],
    ['None', ['GLASS', 'THEFT', 'LEGAL'], 'error'],
    ['NONE', ['glass', 'theft', 'legal'], 'error'],
    ['null', ['glass', 'theft', 'legal'], 'error'],
    ['unknown', ['glass', 'theft', 'legal'], 'error'],
  ])('"%s" among %s: %s', (word, known, expected) => {
    expect(severity(word, known)).toBe(expected);
  });

  it('is none where values are no longer missing', () => {
    const was = rowsOf({ glass: 400, theft: 400 });
    const judge = (missing: readonly (string | null)[], still: readonly (string | null)[]) =>
      testPlaceholder({
        before: column('c', [...was, ...missing], 'text'),
        now: column('c', [...was, ...rowsOf({ none: 100 }), ...still], 'text'),
        past: [],
      })?.severity;
    const nulls = Array<null>(100).fill(null);
    expect([judge([], []), judge(nulls, []), judge(nulls, nulls)]).toEqual(['unclear', 'error', 'unclear']);
  });

  it.each([
    ['NA', ['ZA', 'BW', 'ZM'], 'unclear'],
    ['NA', ['EU', 'APAC', 'LATAM'], 'unclear'],
    ['NA', ['ZAF', 'BWA', 'ZMB'], 'error'],
    ['NA', ['ZA', 'BW', 'Zambia'], 'error'],
    ['na', ['ZA', 'BW', 'ZM'], 'error'],
    ['N/A', ['ZA', 'BW', 'ZM'], 'error'],
  ])('"%s" among the places %s: %s', (word, known, expected) => {
    expect(severity(word, known)).toBe(expected);
  });
});

it('says which word stands for "missing", from one row in a hundred on', () => {
  const was = { Oslo: 2400, Bergen: 1600 };
  const judge = (count: number) =>
    testPlaceholder(texts(rowsOf(was), rowsOf({ Oslo: 600, Bergen: 400 - count, NULL: count })));
  expect(judge(10)).toEqual({
    code: 'sentinel',
    severity: 'error',
    detail: '1 % of the values are "NULL", which is new',
    likelyCause: 'a default or a code for "missing"',
    repair: 'read "NULL" as missing',
    rows: 10,
    selects: { kind: 'one-of', column: 'c', values: ['NULL'] },
    evidence: { value: 'NULL', before: 0, after: 0.01 },
  });
  expect(judge(9)).toBeUndefined();
});
