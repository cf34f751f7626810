import type { Diagnostic } from '../../domain/pipeline/diagnostic.js';
import { readSource, type YamlPath } from '../../pipeline/parse/source/yaml-source.js';

/** A YAML file with the notes about it and their positions. */
export interface NotedDocument {
  readonly value: unknown;
  readonly note: (path: YamlPath, note: Omit<Diagnostic, 'at' | 'sourceLine'>) => void;
  readonly notes: () => readonly Diagnostic[];
}

export function readDocument(file: string, text: string): NotedDocument {
  const source = readSource(file, text);
  const found = [...source.diagnostics];
  const placeOf = (path: YamlPath) => {
    const last = path.at(-1);
    return typeof last === 'string' ? source.keyAt(path.slice(0, -1), last) : source.at(path);
  };
  return {
    value: source.value,
    note: (path, note) => {
      const at = placeOf(path);
      const noted = { ...note, at, sourceLine: source.lineOf(at) };
      // Every instance of a stage says the same about the text that they share.
      if (!found.some((one) => JSON.stringify(one) === JSON.stringify(noted))) found.push(noted);
    },
    notes: () => found.sort((a, b) => a.at.line - b.at.line || a.at.col - b.at.col),
  };
}
