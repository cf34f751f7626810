import type { ScriptFacts } from './read-script.js';

export type Language = 'python' | 'r' | 'notebook' | 'node';

/** A script or notebook that may become a step. */
export interface Script extends ScriptFacts {
  readonly path: string;
  readonly language: Language;
}

export interface LeftOut {
  readonly path: string;
  readonly why: string;
}

/** What a folder holds, as far as a pipeline for it needs to know. */
export interface Project {
  /** Name of the folder. */
  readonly folder: string;
  readonly scripts: readonly Script[];
  /** Files of tables, sorted. */
  readonly data: readonly string[];
  /** All files that were seen, and the folders that hold them. */
  readonly files: ReadonlySet<string>;
  readonly folders: ReadonlySet<string>;
  /** Lists of packages: `requirements.txt`, `renv.lock`. */
  readonly packages: readonly string[];
  /** A virtual environment in the folder. */
  readonly venv: string | undefined;
  /** Name in environment.yml, and whether this machine has it. */
  readonly conda: { readonly name: string; readonly isHere: boolean } | undefined;
  /** Columns of each table, where it is text with a header. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
  readonly leftOut: readonly LeftOut[];
}
