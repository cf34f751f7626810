import type { ColumnProfile, TableProfile } from '../../../domain/data/profile.js';
import type { TableSpan } from '../../../domain/ports/datasets.js';
import { type Instant, toIso } from '../../../domain/support/time.js';
import { quantileDistance } from '../../../statistics/distribution.js';
import type { Fault } from '../fault.js';
import { missingShare, presentRows } from '../past.js';

/** A column whose values come under another name in a part of the window. */
export interface Rename {
  readonly column: string;
  readonly to: string;
  /** Rows that have the value under the new name. */
  readonly rows: number;
  /** The file that begins with the new name. Absent if none begins there. */
  readonly file?: string;
  /** Where the new name begins, to the span of time that was counted. Absent without times, or if the whole window has it. */
  readonly since?: Instant;
}

/** A column of the reference and a new one that may be the same. */
interface RenamePair {
  readonly before: ColumnProfile;
  readonly now: ColumnProfile;
  readonly to: ColumnProfile;
}

interface Watched {
  readonly ignore: readonly string[];
  /** The label column. It may arrive later than the rows. */
  readonly label?: string;
}

/** Fewer values under a new name are accidental. */
const LEAST_ROWS = 5;
/** A column that had fewer values than this share of the rows may end anywhere. */
const MOSTLY_FILLED = 0.5;
/** Each of the two columns has at least this share of its usual values in its own part of the window. */
const FILLED = 0.8;
/** Share of the rows that may have a value in the other column's part. */
const ODD_ROWS = 0.01;
/** Two number columns with at least this distance are not one quantity. */
const MOST_DISTANCE = 0.5;
/** Share of a text column's rows that the other one must know, and how much mean lengths of other texts may differ. */
const KNOWN_TEXTS = 0.5;
const LENGTH = 0.25;

/**
 * Columns that lack values in as many rows as a new, similar column has some, the most similar first. The profiles do not say
 * whether they are the same rows. A column of the reference is not new: the two may take turns.
 */
export function renamePairs(
  reference: TableProfile,
  current: TableProfile,
  { ignore, label }: Watched,
): readonly RenamePair[] {
  const isWatched = ({ name }: ColumnProfile): boolean =>
    !ignore.includes(name) && name !== label && name !== reference.time?.column && name !== current.time?.column;
  const known = new Set(reference.columns.filter((one) => presentRows(one) > 0).map((one) => one.name));
  const added = current.columns.filter(
    (one) => isWatched(one) && !known.has(one.name) && presentRows(one) >= LEAST_ROWS,
  );
  if (added.length === 0) return [];
  return reference.columns
    .flatMap((before) => {
      const now = current.columns.find((one) => one.name === before.name);
      if (now === undefined || !isWatched(before) || missingShare(before) > MOSTLY_FILLED) return [];
      return added
        .filter((to) => to.name !== before.name && areComplements(before, now, to))
        .map((to) => ({ before, now, to, unlike: unlikeness([before, now], to) }));
    })
    .filter((pair) => pair.unlike < 1)
    .sort((a, b) => a.unlike - b.unlike);
}

function areComplements(before: ColumnProfile, now: ColumnProfile, to: ColumnProfile): boolean {
  const usual = 1 - missingShare(before);
  const share = (presentRows(now) + presentRows(to)) / Math.max(1, now.rows);
  return share >= FILLED * usual && share <= 1 + ODD_ROWS;
}

/** Whether a new column looks like one that is gone. */
export const looksLike = (before: ColumnProfile, to: ColumnProfile): boolean => unlikeness([before], to) < 1;

/** How little the values of a column are like those of another in either window: 1 and more is another quantity. */
function unlikeness(columns: readonly ColumnProfile[], to: ColumnProfile): number {
  const own = columns.filter((one) => presentRows(one) >= LEAST_ROWS);
  if (kindOf(columns[0]) !== kindOf(to)) return Number.POSITIVE_INFINITY;
  return Math.min(
    ...own.map((one) => {
      if (one.numeric !== undefined && to.numeric !== undefined)
        return quantileDistance(one.numeric.quantiles, to.numeric.quantiles) / MOST_DISTANCE;
      if (one.categories !== undefined && to.categories !== undefined) return unlikeTexts(one, to);
      return one.sqlType === to.sqlType ? 0.5 : Number.POSITIVE_INFINITY;
    }),
  );
}

const kindOf = (column: ColumnProfile | undefined): string | undefined =>
  column?.type === 'integer' ? 'number' : column?.type;

function unlikeTexts(one: ColumnProfile, to: ColumnProfile): number {
  const known = new Set(one.categories?.top.map((entry) => entry.value));
  const rows = to.categories?.top.reduce((sum, { value, count }) => sum + (known.has(value) ? count : 0), 0) ?? 0;
  const share = rows / Math.max(1, presentRows(to));
  if (share > KNOWN_TEXTS) return (1 - share) / (1 - KNOWN_TEXTS);
  // Names and numbers of things do not repeat. Their length is what two columns of them share.
  const areUnique = [one, to].every((column) => column.distinct > presentRows(column) / 2);
  const [was, is] = [one.text?.meanLength ?? 0, to.text?.meanLength ?? 0];
  return areUnique && Math.abs(is - was) <= LENGTH * was ? 0.9 : Number.POSITIVE_INFINITY;
}

/**
 * The pairs of which one column ends where the other begins: at one moment, or with the files. `spans`: rows by span of time and
 * file, in order, with the rows that lack a value last in the counts of each column: of `now` and `to` for each pair in turn.
 */
export function findRenames(pairs: readonly RenamePair[], spans: readonly TableSpan[]): readonly Rename[] {
  const found: Rename[] = [];
  pairs.forEach((pair, i) => {
    if (found.some((one) => one.column === pair.now.name || one.to === pair.to.name)) return;
    const parts = spans.map((span) => ({ ...span, old: present(span, 2 * i), fresh: present(span, 2 * i + 1) }));
    const usual = 1 - missingShare(pair.before);
    const begins = cutInTime(parts, usual) ?? cutByFile(parts, usual);
    if (begins === undefined) return;
    const rows = parts.reduce((sum, part) => sum + part.fresh, 0);
    found.push({ column: pair.now.name, to: pair.to.name, rows, ...begins });
  });
  return found;
}

const present = ({ rows, counts }: TableSpan, i: number): number => rows - (counts[i]?.at(-1) ?? rows);

interface Part extends Pick<TableSpan, 'from' | 'file' | 'rows'> {
  /** Rows with a value under the old name, and under the new one. */
  readonly old: number;
  readonly fresh: number;
}

type Begin = Pick<Rename, 'file' | 'since'>;

const sumOf = (parts: readonly Part[], key: 'old' | 'fresh' | 'rows'): number =>
  parts.reduce((sum, part) => sum + part[key], 0);

/** Whether the first parts have the old name only, and the others the new one only. */
function areParted(first: readonly Part[], others: readonly Part[], usual: number): boolean {
  const odd = sumOf(first, 'fresh') + sumOf(others, 'old');
  return (
    odd <= ODD_ROWS * (sumOf(first, 'rows') + sumOf(others, 'rows')) &&
    sumOf(first, 'old') >= FILLED * usual * sumOf(first, 'rows') &&
    sumOf(others, 'fresh') >= FILLED * usual * sumOf(others, 'rows')
  );
}

function cutInTime(parts: readonly Part[], usual: number): Begin | undefined {
  const at = parts.findIndex((part) => part.fresh > part.old);
  const first = parts[at];
  if (first === undefined || !areParted(parts.slice(0, at), parts.slice(at), usual)) return undefined;
  const isFile = first.file !== undefined && !parts.slice(0, at).some((part) => part.file === first.file);
  return beginOf(first, { isFile, isWhole: at === 0 });
}

function cutByFile(parts: readonly Part[], usual: number): Begin | undefined {
  const named = new Set(parts.flatMap(({ file }) => file ?? []));
  const files = [...named].map((file) => parts.filter((part) => part.file === file));
  const fresh = files.filter((own) => sumOf(own, 'fresh') > sumOf(own, 'old'));
  const old = files.filter((own) => !fresh.includes(own));
  const first = fresh[0]?.[0];
  // Files of a few rows take turns as rows do.
  const isSplit = first !== undefined && sumOf(parts, 'rows') >= LEAST_ROWS * named.size;
  return isSplit && areParted(old.flat(), fresh.flat(), usual)
    ? beginOf(first, { isFile: true, isWhole: old.length === 0 })
    : undefined;
}

const beginOf = ({ file, from }: Part, { isFile, isWhole }: { isFile: boolean; isWhole: boolean }): Begin => ({
  ...(isFile ? { file } : {}),
  ...(isWhole || from === 0 ? {} : { since: from }),
});

/** A rename is a fault: the model knows the column by its old name only. */
export function renamedColumn({ column, to, rows, file, since }: Rename, current: TableProfile): Fault {
  const moment = since === undefined ? undefined : toIso(since).slice(0, 16).replace('T', ' ');
  const place = file !== undefined ? `, exactly since ${file} begins` : moment !== undefined ? `, since ${moment}` : '';
  return {
    code: 'renamed-column',
    severity: 'error',
    detail: `${rows} of ${current.rows} rows have the value in a new column, "${to}"${place}`,
    rows,
    selects: { kind: 'missing', column },
    likelyCause: `renamed to "${to}" where the data is written`,
    evidence: { renamed_to: to, file, since: since === undefined ? undefined : toIso(since) },
  };
}
