import type { TableProfile } from '../../../domain/data/profile.js';
import { kindsSeen, repeatedShare } from '../duplicates.js';
import { type Fault, unclear } from '../fault.js';
import { percent } from '../finding.js';
import { isSurprising } from '../past.js';
import type { RowEvidence } from '../row-evidence.js';

/** Without their time and key, rows have too little in common with each other to repeat by chance more often than this, … */
const MOST_BEFORE = 0.01;
/** … so that repeats are reported from this share above the expected one, and this multiple of it. */
const RISE = 0.05;
const TIMES = 2;
/** Fewer columns are not the content of a row. */
const LEAST_COLUMNS = 3;
/** Each row of a delivery comes as often as the others. A storm of equal events has groups of all sizes. */
const SAME_SIZE = 0.9;
/** In a window this much longer, what comes once a month comes twice. */
const LONGER = 1.5;

/**
 * Rows that came twice under another time or key. Profiles count equal rows in all columns, so the sampled rows are compared, without
 * the time (which they do not have) and without columns that number them. The world can repeat itself, so this is unclear.
 */
export function redelivered(reference: TableProfile, current: TableProfile, rows: RowEvidence): Fault | undefined {
  if (isLonger(reference, current)) return undefined;
  const names = [...rows.current.keys()].filter((name) =>
    [rows.reference, rows.current].every((sample) => !isNumbering(sample.get(name) ?? [])),
  );
  if (names.length < LEAST_COLUMNS) return undefined;
  const [was, is] = [rows.reference, rows.current].map((sample) =>
    repeatsIn(names.map((name) => sample.get(name) ?? [])),
  );
  if (was === undefined || is === undefined || was.rows === 0 || is.rows === 0) return undefined;
  const expected = repeatedShare(is.rows, kindsSeen(was.rows, was.repeated));
  const share = is.repeated / is.rows;
  const isMore = share > expected + RISE && share > TIMES * expected && isSurprising(is.repeated, is.rows, expected);
  if (was.repeated > MOST_BEFORE * was.rows || !isMore || is.sameSize < SAME_SIZE) return undefined;
  return unclear(
    {
      code: 'duplicates',
      severity: 'error',
      detail: `${percent(share)} of the rows repeat an earlier one but for its time and what numbers the rows; at most ${percent(expected)} are expected`,
      likelyCause: 'a delivery that came again under new times or keys',
      repair: 'drop repeated rows',
      rows: Math.round(share * current.rows),
      evidence: { before: expected, after: share },
    },
    'the same has happened again, in every detail',
  );
}

function isLonger(reference: TableProfile, current: TableProfile): boolean {
  const lengthOf = ({ time, rows }: TableProfile): number => (time === undefined ? rows : time.to - time.from);
  return lengthOf(current) > LONGER * lengthOf(reference);
}

type Values = readonly (number | string | null)[];

/** Texts or whole numbers of which each row has another one. */
function isNumbering(values: Values): boolean {
  const present = values.filter((value) => value !== null);
  const isKey = present.every((value) => typeof value === 'string' || Number.isInteger(value));
  return isKey && new Set(present).size === present.length;
}

interface Repeats {
  readonly rows: number;
  /** Rows that repeat an earlier one. */
  readonly repeated: number;
  /** Share of the rows that are not alone which come as often as most of them, 0…1. */
  readonly sameSize: number;
}

function repeatsIn(columns: readonly Values[]): Repeats {
  const rows = columns[0]?.length ?? 0;
  const counts = new Map<string, number>();
  for (let i = 0; i < rows; i++) {
    const key = JSON.stringify(columns.map((values) => values[i] ?? null));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const bySize = new Map<number, number>();
  for (const size of counts.values()) if (size > 1) bySize.set(size, (bySize.get(size) ?? 0) + size);
  const together = [...bySize.values()].reduce((sum, one) => sum + one, 0);
  return { rows, repeated: rows - counts.size, sameSize: Math.max(0, ...bySize.values()) / Math.max(1, together) };
}
