import type { ContentHash, WorkspacePath } from '../ids.js';

/** A file or folder, identified by its content. */
export interface Artifact {
  readonly hash: ContentHash;
  readonly kind: 'file' | 'folder';
  /** In bytes. For a folder, the total of its files. */
  readonly size: number;
}

/** An artifact that a step execution read or wrote. */
export interface ArtifactUse {
  readonly path: WorkspacePath;
  readonly artifact: Artifact;
  /** The dataset that it belongs to, if any. */
  readonly dataset?: string;
  /** Key of a named output. */
  readonly name?: string;
  /** Number of rows of a table, if counted. */
  readonly rows?: number;
}
