import type { Diagnostic, SourcePosition } from '../../domain/pipeline/diagnostic.js';
import type { Source, YamlPath } from './source/yaml-source.js';

export interface Note {
  readonly code: string;
  readonly message: string;
  readonly suggestion?: string;
  readonly severity?: Diagnostic['severity'];
  readonly related?: NonNullable<Diagnostic['related']>;
}

/** Where the file that is read belongs. */
export interface FileHome {
  /** Absolute folder of the workspace. Absolute paths below it are accepted. */
  readonly root?: string;
  /** The text was recorded, perhaps in a workspace at another place: absolute paths are no fault of it. */
  readonly isElsewhere?: boolean;
  /** Real absolute paths of the folders outside that refit.yaml allows. */
  readonly roots?: readonly string[];
  /** Links at the top of the workspace into these roots, the longest place first: absolute paths below a place are accepted. */
  readonly links?: readonly { readonly name: string; readonly place: string }[];
}

/** Collects the problems of one file, each at its place. */
export interface Reporter {
  readonly workspace: FileHome;
  readonly at: (path: YamlPath, note: Note) => void;
  readonly atKey: (path: YamlPath, key: string, note: Note) => void;
  readonly atPosition: (at: SourcePosition, note: Note) => void;
  /** Position of a value, for `related` notes and later phases. */
  readonly position: (path: YamlPath) => SourcePosition;
  /** Keeps a text that is SQL: DuckDB's own parser is asked about it, when the file is read. */
  readonly sql: (path: YamlPath, text: SqlText) => void;
  readonly sqlTexts: () => readonly PlacedSql[];
  readonly diagnostics: () => readonly Diagnostic[];
}

/** A text of a file that becomes part of an SQL statement, with its values filled in. */
interface SqlText {
  readonly kind: 'expression' | 'query';
  readonly text: string;
  /** The same text with `(SELECT 0 AS refit_value)` for every value. It shows whether a value stands inside quotes. */
  readonly marked?: string;
}

export interface PlacedSql extends SqlText {
  readonly at: SourcePosition;
}

/** `overlay`: the path of the chosen profile, where values are looked up first. */
export function createReporter(
  source: Source,
  overlay?: { readonly path: YamlPath; readonly value: unknown },
  workspace: FileHome = {},
): Reporter {
  const found: Diagnostic[] = [...source.diagnostics];
  const texts: PlacedSql[] = [];
  const real = (path: YamlPath): YamlPath =>
    overlay !== undefined && hasPath(overlay.value, path) ? [...overlay.path, ...path] : path;
  const atPosition = (at: SourcePosition, note: Note): void => {
    const { severity = 'error', ...rest } = note;
    found.push({ severity, ...rest, at, sourceLine: source.lineOf(at) });
  };
  return {
    workspace,
    atPosition,
    at: (path, note) => atPosition(source.at(real(path)), note),
    atKey: (path, key, note) => atPosition(source.keyAt(real(path), key), note),
    position: (path) => source.at(real(path)),
    sql: (path, text) => void texts.push({ ...text, at: source.at(real(path)) }),
    sqlTexts: () => texts,
    // Every instance of a matrix reports the same problems of the text that they share.
    diagnostics: () =>
      distinct(found).sort((a, b) => a.at.line - b.at.line || a.at.col - b.at.col || (a.code < b.code ? -1 : 1)),
  };
}

function distinct(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const byText = new Map(diagnostics.map((one) => [`${one.at.line}:${one.at.col} ${one.code} ${one.message}`, one]));
  return [...byText.values()];
}

function hasPath(value: unknown, path: YamlPath): boolean {
  let here: unknown = value;
  for (const part of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, part)) return false;
    here = Reflect.get(here, part);
  }
  return path.length > 0;
}
