import type { Finding } from '../../domain/data/finding.js';
import type { TableProfile } from '../../domain/data/profile.js';
import type { BrokenRowAt, FilePlace, ReadFault, RowPlace } from '../../domain/data/read-fault.js';
import type { JsonObject } from '../../domain/support/json.js';
import { columnFindings, type FileColumnOptions } from './columns/file-columns.js';
import { makeFinding } from './finding.js';
import type { Triage } from './triage-result.js';

/** Broken rows that a finding lists by line. */
const LISTED = 3;

interface ReadOptions extends FileColumnOptions {
  readonly dataset?: string;
  /** The column by which windows are cut. */
  readonly timeColumn?: string;
}

/** Faults of a table's files as findings. In the reference they are warnings, because the reference is not judged. */
export function readFindings(
  profile: Pick<TableProfile, 'faults' | 'rows'> & Partial<Pick<TableProfile, 'columns'>>,
  options: ReadOptions,
): readonly Finding[] {
  const { faults = [], rows } = profile;
  const { dataset, ignore = [], isReference = false } = options;
  const severity: Finding['severity'] = isReference ? 'warning' : 'error';
  const broken = brokenRows(faults, rows);
  const empty = faults.filter((fault) => fault.kind === 'empty-file');
  const twice = faults.filter((fault) => fault.kind === 'same-file');
  const mixed = faults.find((fault) => fault.kind === 'mixed-line-ends');
  const found: readonly (Fault | undefined)[] = [
    broken === undefined ? undefined : { ...broken, severity },
    empty.length === 0 || rows === 0
      ? undefined
      : emptyFiles(
          empty.map((fault) => fault.file),
          severity,
        ),
    twice.length === 0 ? undefined : sameFiles(twice, severity),
    mixed === undefined ? undefined : mixedLineEnds(mixed),
    ...columnFindings(profile, options).map((one) => (one.severity === 'error' ? { ...one, severity } : one)),
    ...faults.map((fault) => {
      if (fault.kind === 'repeated-name') return repeatedName(fault);
      if (fault.kind === 'second-header')
        return secondHeader(fault, (column) => ignore.includes(column) || unfitOf({ faults }, column) !== undefined);
      if (fault.kind !== 'local-dates' && fault.kind !== 'footer') return undefined;
      if (ignore.includes(fault.column)) return undefined;
      // Where numbers are expected, the word is a finding already.
      if (fault.kind === 'footer' && unfitOf({ faults }, fault.column) !== undefined) return undefined;
      return fault.kind === 'footer' ? footer(fault) : localDates(fault);
    }),
  ];
  const { timeColumn } = options;
  const time = timeColumn === undefined ? undefined : unfitOf({ faults }, timeColumn);
  const prefix = isReference ? 'reference: ' : '';
  const times: Fault | undefined = time === undefined ? undefined : { ...unreadableTimes(time, rows), severity };
  return [...found, times].flatMap((fault) =>
    fault === undefined ? [] : [makeFinding({ dataset, ...fault, detail: `${prefix}${fault.detail}` })],
  );
}

type Fault = Omit<Finding, 'id' | 'dataset'>;

const placeOf = (place: FilePlace | RowPlace): string =>
  'row' in place ? `row ${place.row} of ${place.file}` : `${place.file}:${place.line}`;

/** One finding for the broken rows of all files. */
function brokenRows(faults: readonly ReadFault[], rows: number): Omit<Fault, 'severity'> | undefined {
  const all = faults.filter((fault) => fault.kind === 'broken-rows');
  const bad = all.reduce((sum, fault) => sum + fault.rows, 0);
  const listed = all.flatMap((fault) => fault.first.map((row) => ({ row, names: fault.names })));
  if (bad === 0) return undefined;
  const first = listed.slice(0, LISTED).map(({ row, names }) => `${placeOf(row)} ${whatIsWrong(row, names)}`);
  const more = bad > first.length ? ', …' : '';
  return {
    code: 'broken-rows',
    detail: `${bad} ${bad === 1 ? 'line is no row and was' : 'lines are no rows and were'} left out: ${first.join(', ')}${more}`,
    rows: bad,
    likelyCause: likelyCause(listed.map(({ row }) => row)),
    evidence: {
      bad,
      rows: rows + bad,
      lines: listed.slice(0, 20).map(({ row: { file, line, why, text } }) => ({ file, line, why, text })),
    },
  };
}

/** What is wrong with a line; the text follows the line's place. */
export function whatIsWrong({ why, fields }: BrokenRowAt, names?: number): string {
  if (why === 'cut') return 'is cut off';
  if (why === 'quote') return 'has a quote that is not closed';
  if (why === 'header-again') return 'is a header again';
  if (why === 'mark') return 'begins with a byte-order mark';
  if (why === 'not-json') return 'is no JSON object';
  return `has ${fields} field${fields === 1 ? '' : 's'}${names === undefined ? '' : ` for ${names} names`}`;
}

function likelyCause(rows: readonly BrokenRowAt[]): string {
  const are = (why: BrokenRowAt['why']): boolean => rows.every((row) => row.why === why);
  if (are('header-again') || are('mark')) return 'two files were joined';
  if (are('cut')) return 'the file is still being written, or was cut off';
  if (are('quote')) return 'a quote in a text was not doubled';
  return are('long')
    ? 'a column was added, or a delimiter in a text was not quoted'
    : 'a line was cut off, or does not belong to the table';
}

/** The finding of a table without rows. It names the files that are empty. */
export function noRows({ faults = [] }: Pick<TableProfile, 'faults'>): Fault {
  const files = faults.flatMap((fault) => (fault.kind === 'empty-file' ? [fault.file] : []));
  const why = files.length === 0 ? '' : `: ${listFiles(files)}`;
  return { code: 'empty', severity: 'error', detail: `there are no rows${why}`, evidence: {} };
}

const listFiles = (files: readonly string[]): string =>
  `${files.slice(0, LISTED).join(', ')}${files.length > LISTED ? ', …' : ''} ${files.length === 1 ? 'is' : 'are'} empty, without even a header`;

const emptyFiles = (files: readonly string[], severity: Finding['severity']): Fault => ({
  code: 'empty-file',
  severity,
  detail: listFiles(files),
  likelyCause: 'an export failed',
  evidence: { files: files.slice(0, 20) },
});

function sameFiles(
  files: readonly Extract<ReadFault, { readonly kind: 'same-file' }>[],
  severity: Finding['severity'],
): Fault {
  const places = files.slice(0, LISTED).map(({ file, as }) => (file === as ? `${file} twice` : `${file} is ${as}`));
  return {
    code: 'same-file',
    severity,
    detail: `the rows of ${files.length === 1 ? 'a file are' : `${files.length} files are`} read twice: ${places.join(', ')}${files.length > LISTED ? ', …' : ''}`,
    likelyCause: 'a link such as "latest" beside the file that it leads to',
    evidence: { files: files.slice(0, 20).map(({ file, as }) => ({ file, as })) },
  };
}

const mixedLineEnds = (place: FilePlace): Fault => ({
  code: 'mixed-line-ends',
  severity: 'warning',
  detail: `lines end in different ways: ${placeOf(place)} ends unlike the ones before it; other programs may refuse the file`,
  evidence: { file: place.file, line: place.line },
});

const repeatedName = ({ name, as, ...place }: Extract<ReadFault, { readonly kind: 'repeated-name' }>): Fault => ({
  code: 'repeated-name',
  column: as,
  severity: 'warning',
  detail: `${placeOf(place)} names two columns ${JSON.stringify(name)}; the later one is read as ${as}`,
  evidence: { ...place, name },
});

const footer = ({ column, value, ...place }: Extract<ReadFault, { readonly kind: 'footer' }>): Fault => ({
  code: 'footer',
  column,
  severity: 'warning',
  detail: `the last row has the only word in a column of numbers, ${JSON.stringify(value)} (${placeOf(place)}): it may be a footer; the column is read as text`,
  likelyCause: 'an export that ends with a sum or a count',
  evidence: { ...place, value },
});

type SecondHeader = Extract<ReadFault, { readonly kind: 'second-header' }>;

/** `isTold`: of columns that are ignored, and of those that were expected to hold numbers. */
function secondHeader({ words, ...place }: SecondHeader, isTold: (column: string) => boolean): Fault | undefined {
  const told = words.filter(({ column }) => !isTold(column));
  if (told.length === 0) return undefined;
  const values = told.slice(0, LISTED).map(({ value }) => JSON.stringify(value));
  const more = told.length > LISTED ? ', …' : '';
  const columns = `${told.length === 1 ? 'a column' : `${told.length} columns`} of numbers`;
  return {
    code: 'second-header',
    severity: 'warning',
    detail: `the first row has the only word${told.length === 1 ? '' : 's'} in ${columns}, ${values.join(', ')}${more} (${placeOf(place)}): it may be no row; ${told.length === 1 ? 'the column is' : 'the columns are'} read as text`,
    likelyCause: 'units below the header, or a title above it; begin such a line with #, above the header',
    evidence: { ...evidenceOf(place), words: told.slice(0, 20).map(({ column, value }) => ({ column, value })) },
  };
}

type Unfit = Extract<ReadFault, { readonly kind: 'unfit-values' }>;

const unreadableTimes = (unfit: Unfit, rows: number): Omit<Fault, 'severity'> => ({
  code: 'unreadable-times',
  column: unfit.column,
  detail: `${unfit.rows} row${unfit.rows === 1 ? ' has' : 's have'} no readable time and ${unfit.rows === 1 ? 'is' : 'are'} in no window; the first is ${JSON.stringify(unfit.value)} in ${placeOf(unfit)}`,
  rows: unfit.rows,
  evidence: { bad: unfit.rows, rows, value: unfit.value, ...evidenceOf(unfit) },
});

const evidenceOf = (place: FilePlace | RowPlace): JsonObject =>
  'row' in place ? { file: place.file, row: place.row } : { file: place.file, line: place.line };

type LocalDates = Extract<ReadFault, { readonly kind: 'local-dates' }>;

const localDates = ({ column, order, value, beside, ...place }: LocalDates): Fault => {
  const at = placeOf(place);
  const details: Readonly<Record<LocalDates['order'], string>> = {
    ambiguous: `dates like ${value} (${at}) may have the day first or the month first, and no value tells; read as text. Write them as 2026-03-01`,
    mixed: `dates are written in more than one way, as ${beside} and ${value} (${at}); read as text. Write them as 2026-03-01`,
    unread: `dates like ${value} (${at}) are read as text in JSON. Write them as 2026-03-01`,
    'day-first': `dates have the day first, as ${value} shows (${at}), and are read so; other programs may read 01/02 as January 2`,
  };
  return {
    code: order === 'day-first' ? 'day-first-dates' : 'ambiguous-dates',
    column,
    severity: 'warning',
    detail: details[order],
    evidence: { ...place, value },
  };
};

/** The values of a column that cannot be read as its type. */
export function unfitOf({ faults = [] }: Pick<TableProfile, 'faults'>, column: string): Unfit | undefined {
  for (const fault of faults) if (fault.kind === 'unfit-values' && fault.column === column) return fault;
  return undefined;
}

/** Such as `"n/a" in data/b.csv:17`, if a value that does not fit is known. */
export function unfitPlace(profile: Pick<TableProfile, 'faults'>, column: string): string | undefined {
  const unfit = unfitOf(profile, column);
  return unfit === undefined ? undefined : `${JSON.stringify(unfit.value)} in ${placeOf(unfit)}`;
}

/** The triage with the faults of both tables' files. */
export function withReadFindings(
  { bugs, unclear, warnings }: Triage,
  [reference, current]: readonly [TableProfile, TableProfile],
  options: Omit<ReadOptions, 'isReference'>,
): Triage {
  const found = [...readFindings(current, options), ...readFindings(reference, { ...options, isReference: true })];
  return {
    bugs: [...found.filter((one) => one.severity === 'error'), ...bugs],
    unclear,
    warnings: [...found.filter((one) => one.severity === 'warning'), ...warnings],
  };
}
