import type { CategoryProfile } from '../../../domain/data/profile.js';
import type { Respelling } from '../../../domain/data/row-selection.js';
import { alignCategories, totalVariation } from '../../../statistics/distribution.js';
import { type Fault, unclear } from '../fault.js';
import { number, percent } from '../finding.js';
import { findNewValues } from '../new-values.js';
import { type ColumnPast, missingShare, presentRows } from '../past.js';

/** Largest share of the new values that may remain new after the repair. */
const RESIDUAL = 0.1;
/** The distance must fall by at least this part of the new values' share. Weather and spelling may change together. */
const GAIN = 0.5;
/** The distance is only known this precisely, so a smaller share need not lower it. */
const CLEAR_SHARE = 0.05;
const PLACEHOLDER_SHARE = 0.01;

interface Spelling {
  readonly name: string;
  readonly respell: (value: string) => string;
  /** What the fault leaves in each value. */
  readonly mark?: RegExp;
  readonly cause: string;
  /** Absent if no condition tells the rows. */
  readonly by?: Respelling;
}

/** Undoes UTF-8 text that was read as Latin-1. Leaves other text unchanged, as that with letters beyond Latin-1. */
export function decodeAgain(value: string): string {
  if (/[\u0100-\uffff]/.test(value)) return value;
  const decoded = Buffer.from(value, 'latin1').toString('utf8');
  return decoded.includes('\ufffd') ? value : decoded;
}

/** Undoes the writing of addresses: %20 or + for a blank, %C3%BC for ü. */
function decodePercent(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    return value;
  }
}

/** Letters outside ASCII, and what encoders write in their place. */
const LOST_LETTER = /(?:[^\p{ASCII}]|\?)+/gu;
/** What is there instead of lost letters: question marks, and signs that are in no word. */
const LOST_MARK = /[?\ufffd\u0080-\u00bf×÷\u02c6-\u02dd\u2200-\u22ff\u2500-\u257f]/;

const ENTITY = /&(?:#(\d{2,6})|#x([\da-f]{2,5})|([a-z]{2,8}));/gi;
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** Reads the entities of HTML and XML. Other names than those of signs stand for letters outside ASCII. */
const decodeEntities = (value: string): string =>
  value.replace(ENTITY, (_, decimal?: string, hex?: string, name?: string) =>
    name === undefined
      ? String.fromCodePoint(decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal))
      : (NAMED[name.toLowerCase()] ?? '?'),
  );

const TRANSLITERATED: Readonly<Record<string, string>> = {
  ä: 'ae',
  ö: 'oe',
  ü: 'ue',
  Ä: 'Ae',
  Ö: 'Oe',
  Ü: 'Ue',
  ß: 'ss',
};

const SPELLINGS: readonly Spelling[] = [
  { name: 'trim the spaces', respell: (value) => value.trim(), cause: 'padding', by: 'trim' },
  {
    name: 'fold the case',
    respell: (value) => value.toLowerCase(),
    cause: 'another upper and lower case',
    by: 'lower',
  },
  {
    name: 'trim and fold the case',
    respell: (value) => value.trim().toLowerCase(),
    cause: 'padding and another case',
    by: 'trim-lower',
  },
  {
    name: 'drop a trailing ".0"',
    respell: (value) => value.replace(/\.0+$/, ''),
    cause: 'whole numbers written as decimals',
    by: 'without-zero-decimals',
  },
  { name: 'decode Latin-1 as UTF-8', respell: decodeAgain, cause: 'UTF-8 read as Latin-1' },
  {
    name: 'restore the leading zeros',
    respell: (value) => (/^\d+$/.test(value) ? value.replace(/^0+(?=\d)/, '') : value),
    cause: 'codes that were read as numbers',
  },
  {
    name: 'strip the quotes',
    respell: (value) => value.replace(/^(["'`])(.*)\1$/s, '$2'),
    cause: 'quotes taken for a part of the value',
  },
  {
    name: 'write blanks, hyphens and underscores as before',
    respell: (value) => value.replace(/[\s_-]+/g, ' '),
    cause: 'another separator of words',
  },
  {
    name: 'restore the letters that were lost',
    respell: (value) => value.replace(LOST_LETTER, '?'),
    mark: LOST_MARK,
    cause: 'an encoding that has no such letters',
  },
  {
    name: 'restore the accents',
    respell: (value) => value.normalize('NFD').replace(/\p{M}/gu, ''),
    cause: 'accents dropped on the way',
  },
  {
    name: 'restore the umlauts',
    respell: (value) => value.replace(/[äöüÄÖÜß]/g, (letter) => TRANSLITERATED[letter] ?? letter),
    cause: 'umlauts written in two letters',
  },
  {
    name: 'decode the entities',
    respell: (value) => decodeEntities(value).replace(LOST_LETTER, '?'),
    mark: new RegExp(ENTITY.source, 'i'),
    cause: 'text written for HTML or XML',
  },
  { name: 'decode the percent signs', respell: decodePercent, cause: 'text written for an address (URL)' },
];

/** What programs write for "nothing". */
const PLACEHOLDER = /^\s*(|n\/?a|nan|null|none|nil|unknown|undefined|missing|-+|\?+|#n\/a|0|-1|-?9{2,})\s*$/i;

/** Words for an answer, too: no cover, no choice. Programs write them in one form, people in that of the other answers. */
const ANSWER = /^(none|nil)$/i;
/** Codes of countries, states and regions, among which NA is Namibia or North America. */
const PLACE_CODE = /^([A-Z]{2}|APAC|EMEA|LATAM)$/;

/** Tests whether new values of a category column are known ones in another spelling. */
export function testSpelling(column: ColumnPast): Fault | undefined {
  const found = findNewValues(column);
  if (found === undefined) return undefined;
  const { before: reference, now: current } = found;
  const distance = totalVariation(alignCategories(reference, current));
  for (const { name, cause, by, ...spelling } of SPELLINGS) {
    const respell = respellingOf(spelling, reference, current);
    const [was, is] = [merge(reference, respell), merge(current, respell)];
    const residual = totalVariation(alignCategories(was, is));
    const isKnown = newShare(was, is) <= RESIDUAL * found.share;
    if (!isKnown || (found.share >= CLEAR_SHARE && distance - residual < GAIN * found.share)) continue;
    return {
      code: 'respelled',
      severity: 'error',
      detail: `${percent(found.share)} of the values are new, and known ones when repaired (total variation ${number(distance)} falls to ${number(residual)}): ${name}`,
      likelyCause: cause,
      repair: name,
      rows: found.rows,
      selects: by === undefined ? undefined : { kind: 'respelled', column: column.now.name, by },
      evidence: { distance, residual, share: found.share },
    };
  }
  return undefined;
}

/**
 * Values that would be alike without letters are others where none of them lacks a letter: new cities in a language that is
 * not written in ASCII.
 */
function respellingOf(
  { respell, mark }: Pick<Spelling, 'respell' | 'mark'>,
  reference: CategoryProfile,
  current: CategoryProfile,
): Spelling['respell'] {
  if (mark === undefined) return respell;
  const valuesOf = ({ top }: CategoryProfile): readonly string[] => top.map((one) => one.value);
  const [was, is] = [new Set(valuesOf(reference)), new Set(valuesOf(current))];
  const onOneSide = [...was, ...is].filter((value) => was.has(value) !== is.has(value));
  const marked = new Set(onOneSide.filter((value) => mark.test(value)).map(respell));
  return (value) => (marked.has(respell(value)) ? respell(value) : value);
}

/** A new value that is a word for "missing". It is unclear if the word may be an answer or a place. */
export function testPlaceholder(column: ColumnPast): Fault | undefined {
  const values = findNewValues(column)?.values ?? [];
  const rows = presentRows(column.now);
  const found = values.find((one) => PLACEHOLDER.test(one.value));
  if (found === undefined || found.count / rows < PLACEHOLDER_SHARE) return undefined;
  const fault: Fault = {
    code: 'sentinel',
    severity: 'error',
    detail: `${percent(found.count / rows)} of the values are "${found.value}", which is new`,
    likelyCause: 'a default or a code for "missing"',
    repair: `read "${found.value}" as missing`,
    rows: found.count,
    selects: { kind: 'one-of', column: column.now.name, values: [found.value] },
    evidence: { value: found.value, before: 0, after: found.count / rows },
  };
  const known = column.before.categories?.top.map((one) => one.value) ?? [];
  // Values that are no longer missing are what the word stands for.
  const isFilled = missingShare(column.before) > PLACEHOLDER_SHARE && column.now.missing === 0;
  return isAnswer(found.value, known) && !isFilled
    ? unclear(fault, `"${found.value}" is an answer or a place like the others`)
    : fault;
}

/** Python writes None, so that word must look like the others. */
function isAnswer(value: string, known: readonly string[]): boolean {
  if (value === 'NA') return known.length > 0 && known.every((one) => PLACE_CODE.test(one));
  const form = (word: string): string =>
    word
      .slice(0, 2)
      .replace(/\p{Lu}/gu, 'A')
      .replace(/\p{Ll}/gu, 'a');
  if (!ANSWER.test(value)) return false;
  return value === value.toLowerCase() || known.filter((one) => form(one) === form(value)).length > known.length / 2;
}

/** Share of the rows in values that the reference does not have, 0…1. */
function newShare(reference: CategoryProfile, current: CategoryProfile): number {
  const known = new Set(reference.top.map((one) => one.value));
  const rows = current.top.reduce((sum, one) => sum + one.count, current.otherRows);
  return current.top.reduce((sum, one) => sum + (known.has(one.value) ? 0 : one.count), 0) / Math.max(1, rows);
}

function merge(categories: CategoryProfile, respell: (value: string) => string): CategoryProfile {
  const counts = new Map<string, number>();
  for (const { value, count } of categories.top) counts.set(respell(value), (counts.get(respell(value)) ?? 0) + count);
  return { ...categories, top: [...counts].map(([value, count]) => ({ value, count })) };
}
