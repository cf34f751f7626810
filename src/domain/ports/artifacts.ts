import type { Artifact } from '../artifact.js';
import type { Failure } from '../failure.js';
import type { ContentHash, WorkspacePath } from '../ids.js';
import type { Result } from '../result.js';

/** Content-addressed store below `.refit/store`: read-only objects named by sha256; a folder is a manifest of its files. */
export interface ArtifactStore {
  /** Content of files and folders as they lie in the workspace; a path that does not exist has no entry. */
  readonly hash: (paths: readonly WorkspacePath[]) => Promise<ReadonlyMap<WorkspacePath, Artifact>>;
  /** What tells without reading whether anything at a path was touched since: it differs also where bytes were put back. */
  readonly stamp: (paths: readonly WorkspacePath[]) => ReadonlyMap<WorkspacePath, ContentHash>;
  /** Hashes and copies into the store (reflink where the file system can); durable when it returns. */
  readonly save: (path: WorkspacePath) => Promise<Result<Artifact, Failure>>;
  readonly saveText: (text: string) => Promise<Result<Artifact, Failure>>;
  readonly has: (hash: ContentHash) => Promise<boolean>;
  /** Puts stored content at `path`, whole or not at all, verified byte for byte; what lay there is replaced. A damaged object fails with `integrity`. */
  readonly restore: (hash: ContentHash, path: WorkspacePath) => Promise<Result<Artifact, Failure>>;
  /** Absolute path of the stored file itself, for readers that promise not to write; `undefined` for folders and unknown hashes. */
  readonly objectPath: (hash: ContentHash) => Promise<string | undefined>;
  readonly readText: (hash: ContentHash) => Promise<Result<string, Failure>>;
}
