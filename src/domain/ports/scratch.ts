import type { Failure } from '../failure.js';
import type { WorkspacePath } from '../ids.js';
import type { Result } from '../support/result.js';
import type { Services } from './services.js';

/** A workspace of its own, with its own registry and store, inside a real one: what steps write stays in it. */
export interface ScratchWorkspace {
  /** Where it lies in the real workspace. */
  readonly folder: WorkspacePath;
  /** Copies a file or folder to the same place here, links followed; paths of `without`, and what lies in them, stay away. */
  readonly copy: (path: string, without: readonly string[]) => Promise<Result<void, Failure>>;
  /** Links the same place here to the real file or folder; what is here already stays. After all copies: a copy would follow it. */
  readonly link: (path: string) => Promise<void>;
  readonly open: () => Promise<Result<Services & AsyncDisposable, Failure>>;
  /** Takes it away, with every folder that was made for it. */
  readonly remove: () => Promise<void>;
}

/** `kept`: below `.refit` under this name; it stays, and what an earlier command stored in it is there again. */
export type MakeScratchWorkspace = (options?: { readonly kept?: string }) => Promise<ScratchWorkspace>;
