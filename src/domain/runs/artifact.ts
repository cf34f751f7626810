import type { ContentHash, WorkspacePath } from '../ids.js';

/** A file or folder known by its content. */
export interface Artifact {
  readonly hash: ContentHash;
  readonly kind: 'file' | 'folder';
  /** Bytes; of a folder, of all files below it. */
  readonly size: number;
}

/** An artifact as a step execution read or wrote it. */
export interface ArtifactUse {
  readonly path: WorkspacePath;
  readonly artifact: Artifact;
  /** The dataset it came in by, if it did. */
  readonly dataset?: string;
  /** Key of a named output. */
  readonly name?: string;
  /** Rows, where it is a table and they were counted. */
  readonly rows?: number;
}
