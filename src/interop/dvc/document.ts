import { isNode, isPair, LineCounter, type Node, parseDocument } from 'yaml';
import type { Diagnostic } from '../../domain/pipeline/diagnostic.js';
import { keepDigits } from '../../pipeline/parse/exact-integers.js';

export type Path = readonly (string | number)[];

/** A file of YAML, and what is to be said of it, each at its place. */
export interface NotedDocument {
  readonly value: unknown;
  readonly note: (path: Path, note: Pick<Diagnostic, 'code' | 'message' | 'suggestion' | 'severity'>) => void;
  readonly notes: () => readonly Diagnostic[];
}

export function readDocument(file: string, text: string): NotedDocument {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, version: '1.2' });
  keepDigits(document);
  const lines = text.split('\n');
  const found: Diagnostic[] = [];
  const add = (start: number, end: number, note: Omit<Diagnostic, 'at' | 'sourceLine'>): void => {
    const from = counter.linePos(start);
    const to = counter.linePos(end);
    const sourceLine = lines[from.line - 1] ?? '';
    const endCol = to.line === from.line ? Math.max(to.col, from.col + 1) : sourceLine.length + 1;
    const said = { ...note, at: { file, line: from.line, col: from.col, endCol }, sourceLine };
    // every instance of a stage says the same of the text they share
    if (!found.some((one) => JSON.stringify(one) === JSON.stringify(said))) found.push(said);
  };
  const nodeAt = (path: Path): Node | undefined => {
    for (let length = path.length; length > 0; length--) {
      const node = keyOrValue(document.getIn(path.slice(0, length - 1), true), path[length - 1]);
      if (node !== undefined) return node;
    }
    return undefined;
  };
  for (const error of document.errors)
    add(error.pos[0], error.pos[1], { severity: 'error', code: 'not-yaml', message: error.message });
  return {
    value: document.errors.length > 0 ? undefined : document.toJS(),
    note: (path, note) => {
      const range = nodeAt(path)?.range;
      add(range?.[0] ?? 0, range?.[1] ?? 0, note);
    },
    notes: () => found.sort((a, b) => a.at.line - b.at.line || a.at.col - b.at.col),
  };
}

/** The key where there is one: it names what the note is about. */
function keyOrValue(parent: unknown, part: string | number | undefined): Node | undefined {
  if (typeof parent !== 'object' || parent === null || !('items' in parent) || !Array.isArray(parent.items))
    return undefined;
  const found =
    typeof part === 'number'
      ? parent.items[part]
      : parent.items.find((item) => isPair(item) && String(item.key) === part);
  const node = isPair(found) ? found.key : found;
  return isNode(node) ? node : undefined;
}
