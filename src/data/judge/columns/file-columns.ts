import type { Finding } from '../../../domain/data/finding.js';
import type { TableProfile } from '../../../domain/data/profile.js';
import type { PartialColumn, ReadFault } from '../../../domain/data/read-fault.js';

type Fault = Omit<Finding, 'id' | 'dataset'>;

export interface FileColumnOptions {
  readonly ignore?: readonly string[];
  readonly isReference?: boolean;
  /** What is usual: a column that it lacks is a finding already, and one that only some of its own files have is usual. */
  readonly reference?: TableProfile;
  /** Columns that may be absent. Without it, columns that some files lack are not named. */
  readonly optional?: readonly string[];
}

/** Files, columns and groups of columns that a text lists. */
const LISTED = 3;

/** Findings about the columns of a table's files, each compared with the others. */
export function columnFindings(
  { faults = [], columns = [] }: Pick<TableProfile, 'faults'> & Partial<Pick<TableProfile, 'columns'>>,
  options: FileColumnOptions,
): readonly Fault[] {
  return faults.flatMap((fault): readonly Fault[] => {
    if (fault.kind === 'unrelated-files') return [unrelatedFiles(fault)];
    if (fault.kind === 'name-forms') return [nameForms(fault)];
    if (fault.kind === 'rounded-numbers') return options.ignore?.includes(fault.column) ? [] : [roundedNumbers(fault)];
    if (fault.kind !== 'partial-columns' || options.isReference === true || options.optional === undefined) return [];
    const isTold = toldOtherwise(options);
    const told = fault.columns.filter(({ name }) => {
      const column = columns.find((one) => one.name === name);
      // The files with it, or without it, may have no rows in the window.
      return column !== undefined && column.missing > 0 && column.missing < column.rows && !isTold(name);
    });
    return told.length === 0 ? [] : [partialColumns(told)];
  });
}

function toldOtherwise({ ignore = [], optional = [], reference }: FileColumnOptions): (name: string) => boolean {
  const usual = (reference?.faults ?? []).flatMap((fault) =>
    fault.kind === 'partial-columns' ? fault.columns.map(({ name }) => name) : [],
  );
  const silent = new Set([...ignore, ...optional, ...usual]);
  const isNew = (name: string): boolean => reference?.columns.every((column) => column.name !== name) ?? false;
  return (name) => silent.has(name) || isNew(name);
}

type Unrelated = Extract<ReadFault, { readonly kind: 'unrelated-files' }>;

function unrelatedFiles({ files, count, of }: Unrelated): Fault {
  const listed = files.slice(0, LISTED).map(({ file, names }) => `${file} (${listOf(names)})`);
  const others = of - count === 1 ? 'the other file' : 'the others';
  const which = count === 1 ? `${listed[0]} shares` : `${count} of ${of} files share`;
  const more = count === 1 ? '' : `: ${listed.join(', ')}${count > LISTED ? ', …' : ''}`;
  return {
    code: 'unrelated-files',
    severity: 'error',
    detail: `${which} no column with ${others}${more}; the rows fill columns of their own`,
    likelyCause: files.every(({ hasHeader }) => !hasHeader)
      ? 'the header is missing'
      : 'the header is missing, or it is another table, which belongs in a dataset of its own',
    evidence: {
      files: files.slice(0, 20).map(({ file, names }) => ({ file, columns: [...names.slice(0, 20)] })),
      count,
      of,
    },
  };
}

function partialColumns(columns: readonly PartialColumn[]): Fault {
  const groups = new Map<string, PartialColumn[]>();
  for (const column of columns) {
    const place = placeOf(column);
    groups.set(place, [...(groups.get(place) ?? []), column]);
  }
  const parts = [...groups].map(
    ([place, group]) => `${listOf(group.map(({ name }) => name))} ${group.length === 1 ? 'is' : 'are'} ${place}`,
  );
  return {
    code: 'partial-columns',
    severity: 'warning',
    detail: `some files lack columns: ${parts.slice(0, LISTED).join('; ')}${parts.length > LISTED ? '; …' : ''}`,
    likelyCause: 'columns that were added, dropped or renamed; if they may be absent, call them optional in the checks',
    evidence: {
      columns: columns.slice(0, 20).map((one) => ({
        name: one.name,
        files: one.in,
        files_without: one.notIn,
        first_in: one.firstIn,
        first_without: one.firstNotIn,
      })),
    },
  };
}

/** The rarer side is named. */
function placeOf({ in: having, notIn, firstIn, firstNotIn }: PartialColumn): string {
  const of = having + notIn;
  if (having <= notIn)
    return having === 1 ? `only in ${firstIn}` : `only in ${having} of ${of} files, such as ${firstIn}`;
  return notIn === 1 ? `not in ${firstNotIn}` : `not in ${notIn} of ${of} files, such as ${firstNotIn}`;
}

const nameForms = ({ column, file, other }: Extract<ReadFault, { readonly kind: 'name-forms' }>): Fault => ({
  code: 'name-forms',
  column,
  severity: 'error',
  detail: `its name looks the same in ${file} and ${other} and is encoded in two ways, so it is read as two columns, each with a part of the values`,
  likelyCause: 'an accent is one character in one file (Unicode NFC) and two in the other (NFD)',
  repair: 'write the names in NFC',
  evidence: { file, other, name: column.normalize('NFC') },
});

const roundedNumbers = ({
  column,
  rows,
  file,
  other,
}: Extract<ReadFault, { readonly kind: 'rounded-numbers' }>): Fault => ({
  code: 'rounded-numbers',
  column,
  severity: 'warning',
  detail: `${rows === 1 ? '1 whole number of it loses its' : `${rows} whole numbers of it lose their`} last digits: it is a column of whole numbers in ${file} and of floats in ${other}, so it is read as floats`,
  likelyCause: 'a file with missing values, written by a program whose whole numbers cannot be missing',
  repair: 'write the column with one type in all files',
  evidence: { rows, file, other },
});

const listOf = (names: readonly string[]): string =>
  names.length > LISTED + 1
    ? `${names.slice(0, LISTED).join(', ')} and ${names.length - LISTED} more`
    : names.join(', ');

/** Both names of the columns that a finding calls renamed. */
export const renamedColumns = (findings: readonly Finding[]): readonly string[] =>
  findings.flatMap(({ code, column, evidence }) =>
    code !== 'renamed-column' || column === undefined
      ? []
      : [column, ...(typeof evidence.renamed_to === 'string' ? [evidence.renamed_to] : [])],
  );
