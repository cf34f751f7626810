import type { CategoryProfile, ColumnProfile } from '../../domain/data/profile.js';
import { alignCategories, totalVariation } from '../../statistics/distribution.js';
import { identifier, number, percent } from './finding.js';
import { type ColumnPast, presentRows } from './past.js';
import type { Fault } from './point-rules.js';

const GATE_TVD = 0.05;
const RESIDUAL = 0.3;
/** Of the share of new values, what the distance must lose: weather and spelling may change together. */
const GAIN = 0.5;
const NEW_VALUE_SHARE = 0.05;

interface Spelling {
  readonly name: string;
  readonly respell: (value: string) => string;
  readonly cause: string;
  /** SQL of the repaired value, `x` standing for the column. */
  readonly sql: string;
}

/** Text that was UTF-8 and was read as Latin-1; text that is not such is left alone. */
function decodeAgain(value: string): string {
  if (!/[\u0080-\u00ff]/.test(value) || /[\u0100-\uffff]/.test(value)) return value;
  const decoded = Buffer.from(value, 'latin1').toString('utf8');
  return decoded.includes('\ufffd') ? value : decoded;
}

const SPELLINGS: readonly Spelling[] = [
  { name: 'trim the spaces', respell: (value) => value.trim(), cause: 'padding', sql: 'trim(x)' },
  {
    name: 'fold the case',
    respell: (value) => value.toLowerCase(),
    cause: 'another upper and lower case',
    sql: 'lower(x)',
  },
  {
    name: 'trim and fold the case',
    respell: (value) => value.trim().toLowerCase(),
    cause: 'padding and another case',
    sql: 'lower(trim(x))',
  },
  {
    name: 'drop a trailing ".0"',
    respell: (value) => value.replace(/\.0+$/, ''),
    cause: 'whole numbers written as decimals',
    sql: "regexp_replace(x, '\\.0+$', '')",
  },
  { name: 'decode Latin-1 as UTF-8', respell: decodeAgain, cause: 'UTF-8 read as Latin-1', sql: 'x' },
];

/** What programs write for "nothing". */
const PLACEHOLDER = /^\s*(|n\/?a|nan|null|none|nil|unknown|undefined|missing|-+|\?+|#n\/a|0|-1|-?9{2,})\s*$/i;

/** The repair test of a category column: values that only another spelling, or one new placeholder, tells apart. */
export function testSpelling({ before, now }: ColumnPast): Fault | undefined {
  const [reference, current] = [before.categories, now.categories];
  if (reference === undefined || current === undefined) return undefined;
  const distance = totalVariation(alignCategories(reference, current));
  // a spelling is known by values that are new, so what earlier windows varied by is not held against it
  const unseen = newShare(reference, current);
  if (distance < GATE_TVD || unseen < GATE_TVD) return undefined;
  for (const { name, respell, cause, sql } of SPELLINGS) {
    const [was, is] = [merge(reference, respell), merge(current, respell)];
    const residual = totalVariation(alignCategories(was, is));
    const isKnown = newShare(was, is) <= RESIDUAL * unseen;
    if (!isKnown || residual > distance - GAIN * unseen) continue;
    const id = identifier(now.name);
    const rows = Math.round(unseen * presentRows(now));
    return {
      code: 'respelled',
      severity: 'error',
      detail: `${percent(unseen)} of the values are new, and known ones when repaired (total variation ${number(distance)} falls to ${number(residual)}): ${name}`,
      likelyCause: cause,
      repair: name,
      rows,
      ...(sql === 'x' ? {} : { sql: `${id} <> ${sql.replaceAll('x)', `${id})`).replaceAll('(x,', `(${id},`)}` }),
      evidence: { distance, residual, share: unseen },
    };
  }
  return placeholder(before, now, distance);
}

function placeholder(before: ColumnProfile, now: ColumnProfile, distance: number): Fault | undefined {
  const known = new Set(before.categories?.top.map((one) => one.value));
  const rows = presentRows(now);
  const found = now.categories?.top.find((one) => !known.has(one.value) && PLACEHOLDER.test(one.value));
  if (found === undefined || found.count / rows < NEW_VALUE_SHARE) return undefined;
  return {
    code: 'sentinel',
    severity: 'error',
    detail: `${percent(found.count / rows)} of the values are "${found.value}", which is new`,
    likelyCause: 'a default or a code for "missing"',
    repair: `read "${found.value}" as missing`,
    rows: found.count,
    sql: `${identifier(now.name)} = '${found.value.replaceAll("'", "''")}'`,
    evidence: { value: found.value, before: 0, after: found.count / rows, distance },
  };
}

/** Share of the rows in values that the reference has not, 0…1. */
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
