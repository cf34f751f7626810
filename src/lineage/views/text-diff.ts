/** One line of a difference: kept, taken away or added. */
interface Edit {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
}

const CONTEXT = 3;
/** Of longer texts that differ in more than this many lines, only whole blocks are told. */
const MOST_EDITS = 2000;

/** The difference of two texts in the unified form that `diff -u` and git give; empty when they are the same. */
export function unifiedDiff(before: string, after: string, name: string): readonly string[] {
  if (before === after) return [];
  const edits = editsBetween(linesOf(before), linesOf(after));
  return [`--- a/${name}`, `+++ b/${name}`, ...hunks(edits)];
}

const linesOf = (text: string): readonly string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

/** The shortest script of edits (Myers, An O(ND) difference algorithm, 1986), after what is common at both ends. */
export function editsBetween(before: readonly string[], after: readonly string[]): readonly Edit[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  )
    end += 1;
  const kept = (lines: readonly string[]): readonly Edit[] => lines.map((text) => ({ mark: ' ', text }));
  const [old, fresh] = [before.slice(start, before.length - end), after.slice(start, after.length - end)];
  return [...kept(before.slice(0, start)), ...shortest(old, fresh), ...kept(before.slice(before.length - end))];
}

function shortest(old: readonly string[], fresh: readonly string[]): readonly Edit[] {
  const whole: readonly Edit[] = [
    ...old.map((text): Edit => ({ mark: '-', text })),
    ...fresh.map((text): Edit => ({ mark: '+', text })),
  ];
  if (old.length === 0 || fresh.length === 0) return whole;
  const trace = furthest(old, fresh);
  return trace === undefined ? whole : walkBack(old, fresh, trace);
}

type Reach = ReadonlyMap<number, number>;

/** For each number of edits, how far down `old` each diagonal reaches; `undefined` when there are too many. */
function furthest(old: readonly string[], fresh: readonly string[]): readonly Reach[] | undefined {
  const trace: Reach[] = [];
  const reach = new Map<number, number>([[1, 0]]);
  for (let d = 0; d <= Math.min(old.length + fresh.length, MOST_EDITS); d++) {
    trace.push(new Map(reach));
    for (let k = -d; k <= d; k += 2) {
      let x = isDown(reach, k, d) ? (reach.get(k + 1) ?? 0) : (reach.get(k - 1) ?? 0) + 1;
      let y = x - k;
      while (x < old.length && y < fresh.length && old[x] === fresh[y]) {
        x += 1;
        y += 1;
      }
      reach.set(k, x);
      if (x >= old.length && y >= fresh.length) return trace;
    }
  }
  return undefined;
}

const isDown = (reach: Reach, k: number, d: number): boolean =>
  k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));

function walkBack(old: readonly string[], fresh: readonly string[], trace: readonly Reach[]): readonly Edit[] {
  const edits: Edit[] = [];
  let [x, y] = [old.length, fresh.length];
  for (let d = trace.length - 1; d >= 0; d--) {
    const reach = trace[d] ?? new Map<number, number>();
    const k = x - y;
    const from = isDown(reach, k, d) ? k + 1 : k - 1;
    const startX = reach.get(from) ?? 0;
    const startY = startX - from;
    while (x > startX && y > startY) edits.push({ mark: ' ', text: old[--x] ?? '' }) && y--;
    if (d > 0 && x === startX) edits.push({ mark: '+', text: fresh[--y] ?? '' });
    else if (d > 0) edits.push({ mark: '-', text: old[--x] ?? '' });
  }
  return edits.reverse();
}

/** Runs of edits with three kept lines around, each under its `@@` line. */
function hunks(edits: readonly Edit[]): readonly string[] {
  const isNear = edits.map((_, i) =>
    edits.slice(Math.max(0, i - CONTEXT), i + CONTEXT + 1).some((edit) => edit.mark !== ' '),
  );
  const lines: string[] = [];
  let [oldLine, newLine] = [1, 1];
  for (let i = 0; i < edits.length; ) {
    let end = i;
    while (end < edits.length && isNear[end] === isNear[i]) end += 1;
    const group = edits.slice(i, end);
    const olds = group.filter((edit) => edit.mark !== '+').length;
    const news = group.filter((edit) => edit.mark !== '-').length;
    if (isNear[i] === true) {
      lines.push(`@@ -${span(oldLine, olds)} +${span(newLine, news)} @@`);
      lines.push(...group.map((edit) => `${edit.mark}${edit.text}`));
    }
    oldLine += olds;
    newLine += news;
    i = end;
  }
  return lines;
}

const span = (line: number, count: number): string =>
  count === 1 ? String(line) : `${count === 0 ? line - 1 : line},${count}`;
