import type { ReadFault } from '../../domain/data/read-fault.js';

/** The columns of one file of a table. */
export interface FileColumns {
  /** As people know it. */
  readonly file: string;
  readonly names: readonly string[];
  /** Whether the file names its columns itself. */
  readonly hasHeader: boolean;
}

/** Files and columns that a fault lists. */
const LISTED = 50;

/** Files with the same columns: most tables have one such set, however many files. */
interface ColumnSet {
  readonly names: ReadonlySet<string>;
  readonly files: FileColumns[];
}

/** Names are compared as SQL compares them, and however their accents are encoded. */
const keyOf = (name: string): string => name.normalize('NFC').replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/**
 * What is wrong with the columns of a table's files, each compared with the others: files that share no column with them,
 * columns that some of the files lack, and one name in two encodings.
 */
export function columnFaults(files: readonly FileColumns[]): readonly ReadFault[] {
  const sets = setsOf(files);
  if (sets.length < 2) return [];
  const [related, ...others] = relatedSets(sets);
  return [...unrelated(others.flat(), files), ...partial(related ?? []), ...twoForms(sets)];
}

function setsOf(files: readonly FileColumns[]): readonly ColumnSet[] {
  const sets = new Map<string, ColumnSet>();
  for (const file of files) {
    const key = file.names.join('\0');
    const known = sets.get(key) ?? { names: new Set(file.names.map(keyOf)), files: [] };
    known.files.push(file);
    sets.set(key, known);
  }
  return [...sets.values()];
}

/** Sets that share a name with each other, directly or by way of other sets; those of the table first. */
function relatedSets(sets: readonly ColumnSet[]): readonly (readonly ColumnSet[])[] {
  let groups: { readonly names: Set<string>; readonly sets: readonly ColumnSet[] }[] = [];
  for (const set of sets) {
    const near = groups.filter(({ names }) => [...set.names].some((name) => names.has(name)));
    const names = new Set([...set.names, ...near.flatMap((group) => [...group.names])]);
    const joined = { names, sets: [...near.flatMap((group) => group.sets), set] };
    groups = [...groups.filter((group) => !near.includes(group)), joined];
  }
  const filesOf = (group: readonly ColumnSet[]): readonly FileColumns[] => group.flatMap((set) => set.files);
  const rank = (group: readonly ColumnSet[]): readonly [number, number, number] => {
    const all = filesOf(group);
    const first = sets.findIndex((set) => group.includes(set));
    return [all.length, all.some((file) => file.hasHeader) ? 1 : 0, -first];
  };
  return groups
    .map((group) => ({ group: group.sets, rank: rank(group.sets) }))
    .sort((a, b) => b.rank[0] - a.rank[0] || b.rank[1] - a.rank[1] || b.rank[2] - a.rank[2])
    .map(({ group }) => group);
}

function unrelated(sets: readonly ColumnSet[], all: readonly FileColumns[]): readonly ReadFault[] {
  const found = sets.flatMap((set) => set.files);
  if (found.length === 0) return [];
  return [
    {
      kind: 'unrelated-files',
      files: found.slice(0, LISTED).map(({ file, names, hasHeader }) => ({
        file,
        names: names.slice(0, LISTED),
        hasHeader,
      })),
      count: found.length,
      of: all.length,
    },
  ];
}

function partial(sets: readonly ColumnSet[]): readonly ReadFault[] {
  if (sets.length < 2) return [];
  const shown = new Map<string, string>();
  for (const set of sets)
    for (const name of set.files[0]?.names ?? []) if (!shown.has(keyOf(name))) shown.set(keyOf(name), name);
  const columns = [...shown].flatMap(([key, name]) => {
    const having = sets.filter((set) => set.names.has(key)).flatMap((set) => set.files);
    const lacking = sets.filter((set) => !set.names.has(key)).flatMap((set) => set.files);
    const [with_, without] = [having[0]?.file, lacking[0]?.file];
    return with_ === undefined || without === undefined
      ? []
      : [{ name, in: having.length, notIn: lacking.length, firstIn: with_, firstNotIn: without }];
  });
  if (columns.length === 0) return [];
  return [{ kind: 'partial-columns', columns: columns.slice(0, LISTED) }];
}

/** Names that look alike and are different bytes, in different files. */
function twoForms(sets: readonly ColumnSet[]): readonly ReadFault[] {
  const forms = new Map<string, Map<string, string>>();
  for (const { files } of sets) {
    const [first] = files;
    for (const name of first?.names ?? []) {
      const composed = name.normalize('NFC');
      const known = forms.get(composed) ?? new Map<string, string>();
      if (first !== undefined && !known.has(name)) known.set(name, first.file);
      forms.set(composed, known);
    }
  }
  return [...forms].flatMap(([, known]) => {
    const [one, other] = [...known];
    if (one === undefined || other === undefined) return [];
    const isInOneFile = sets.some(({ files }) => [one, other].every(([name]) => files[0]?.names.includes(name)));
    return isInOneFile ? [] : [{ kind: 'name-forms' as const, column: other[0], file: one[1], other: other[1] }];
  });
}
