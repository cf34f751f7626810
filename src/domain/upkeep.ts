import type { ContentHash, ModelName, RunId, WorkspacePath } from './ids.js';
import type { Instant } from './support/time.js';

/** `listing`: the manifest of a folder that was only read. Its files are not in the store. */
export type ObjectKind = 'file' | 'folder' | 'listing';

/** One object in the store. */
export interface StoredObject {
  readonly hash: ContentHash;
  readonly kind: ObjectKind;
  /** Bytes on disk. For a folder, those of its manifest. */
  readonly size: number;
  readonly writtenAt: Instant;
}

/** A stored object with other bytes than recorded. `found` describes them. */
export interface ObjectFault {
  readonly hash: ContentHash;
  readonly kind: ObjectKind;
  readonly state: 'missing' | 'damaged';
  readonly found: string;
  /** Stored folders that contain it. */
  readonly within: readonly ContentHash[];
}

/** A file of a stored or listed folder; the path is below the folder. */
export interface FolderMember {
  readonly path: string;
  readonly hash: ContentHash;
  readonly size: number;
}

/** Why the store must hold an object. */
export interface StoredReference {
  readonly hash: ContentHash;
  readonly role: 'output' | 'model' | 'predictions' | 'diff' | 'schema' | 'input';
}

/** A row or page of the registry with other content than written. */
export interface RegistryFault {
  readonly what: string;
  readonly detail: string;
}

/** A version that was published to a folder, which may hold a newer one now. Lists are newest first. */
export interface Publication {
  readonly model: ModelName;
  readonly version: number;
  readonly path: WorkspacePath;
  readonly folder: string;
}

/** Outputs and models of a run that the store should have. */
export interface RunObjects {
  readonly run: RunId;
  readonly hashes: readonly ContentHash[];
}
