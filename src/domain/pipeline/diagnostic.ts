/** Where in a user's file: line and column count from 1, columns in UTF-16 units; `endCol` is past the last character. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly col: number;
  readonly endCol: number;
}

/** One mistake in a file that the user wrote. All of a file's are shown together. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** Stable kebab-case word for scripts: `unknown-key`, `cycle`, `two-writers` … */
  readonly code: string;
  readonly message: string;
  readonly at: SourcePosition;
  /** The text of that line, for the caret. */
  readonly sourceLine: string;
  /** What to write instead, or what to do next. */
  readonly suggestion?: string;
  /** Other places that belong to it: the second writer, the steps of a cycle. */
  readonly related?: readonly { readonly message: string; readonly at: SourcePosition }[];
}
