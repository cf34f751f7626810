/**
 * A position in a user's file. Lines and columns count from 1, columns in UTF-16 units. `endCol` is after the last
 * character.
 */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly col: number;
  readonly endCol: number;
}

/** One mistake in a user's file. All mistakes of a file are shown together. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** Stable kebab-case code for scripts: `unknown-key`, `cycle`, `two-writers` … */
  readonly code: string;
  readonly message: string;
  readonly at: SourcePosition;
  /** The text of the line, to place the caret. */
  readonly sourceLine: string;
  /** What to write instead, or the next step. */
  readonly suggestion?: string;
  /** Other places that belong to the problem: the second writer, the steps of a cycle. */
  readonly related?: readonly { readonly message: string; readonly at: SourcePosition }[];
}
