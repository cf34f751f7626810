import type { Failure } from '../failure.js';
import type { WorkspacePath } from '../ids.js';
import type { Result } from '../support/result.js';
import type { Services } from './services.js';

/** A separate workspace inside a real one, with its own registry and store. What steps write stays in it. */
export interface ScratchWorkspace {
  /** Its path in the real workspace. */
  readonly folder: WorkspacePath;
  /**
   * Copies a file or folder to the same path here and follows links. Skips the paths in `without` and everything below
   * them.
   */
  readonly copy: (path: string, without: readonly string[]) => Promise<Result<void, Failure>>;
  /**
   * Links the same path here to the real file or folder. Existing files stay. Must come after all copies, because a
   * copy would follow the link.
   */
  readonly link: (path: string) => Promise<void>;
  readonly open: () => Promise<Result<Services & AsyncDisposable, Failure>>;
  /** Removes it, with every folder that was created for it. */
  readonly remove: () => Promise<void>;
}

/** `kept`: stored below `.refit` under this name, and reused with its contents by later commands. */
export type MakeScratchWorkspace = (options?: { readonly kept?: string }) => Promise<ScratchWorkspace>;
