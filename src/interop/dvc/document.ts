import { isNode, isPair, LineCounter, type Node, parseDocument } from 'yaml';
import type { Diagnostic } from '../../domain/pipeline/diagnostic.js';

export type Path = readonly (string | number)[];

/** A YAML file with the notes about it and their positions. */
export interface NotedDocument {
  readonly value: unknown;
  readonly note: (path: Path, note: Pick<Diagnostic, 'code' | 'message' | 'suggestion' | 'severity'>) => void;
  readonly notes: () => readonly Diagnostic[];
}

export function readDocument(file: string, text: string): NotedDocument {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, version: '1.2' });
  const lines = text.split('\n');
  const found: Diagnostic[] = [];
  const add = (start: number, end: number, note: Omit<Diagnostic, 'at' | 'sourceLine'>): void => {
    const from = counter.linePos(start);
    const to = counter.linePos(end);
    const sourceLine = lines[from.line - 1] ?? '';
    const endCol = to.line === from.line ? Math.max(to.col, from.col + 1) : sourceLine.length + 1;
    const said = { ...note, at: { file, line: from.line, col: from.col, endCol }, sourceLine };
    // All instances of a stage give the same note for the same text, so keep one.
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

/** The key node if there is one, because it names the subject of the note. */
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
