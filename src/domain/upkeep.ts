import type { ContentHash, ModelName, RunId, WorkspacePath } from './ids.js';
import type { Instant } from './support/time.js';

/** `listing`: what a folder that was only read held; its files are not in the store. */
export type ObjectKind = 'file' | 'folder' | 'listing';

/** One object as it lies in the store. */
export interface StoredObject {
  readonly hash: ContentHash;
  readonly kind: ObjectKind;
  /** Bytes on the disk: of a folder, its manifest's. */
  readonly size: number;
  readonly writtenAt: Instant;
}

/** A stored object that is no longer what was recorded. `found` says what is there instead. */
export interface ObjectFault {
  readonly hash: ContentHash;
  readonly kind: ObjectKind;
  readonly state: 'missing' | 'damaged';
  readonly found: string;
  /** Stored folders that hold it. */
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
  readonly role: 'output' | 'model' | 'predictions' | 'diff' | 'schema';
}

/** A row or page of the registry that is not what was written. */
export interface RegistryFault {
  readonly what: string;
  readonly detail: string;
}

/** A version that was put into a publish folder, newest first. */
export interface Publication {
  readonly model: ModelName;
  readonly version: number;
  readonly path: WorkspacePath;
  readonly folder: string;
}

/** Outputs and models of a run, as far as the store should have them. */
export interface RunObjects {
  readonly run: RunId;
  readonly hashes: readonly ContentHash[];
}
