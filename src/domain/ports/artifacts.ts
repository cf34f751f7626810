import type { RemoteObject } from '../exchange/exchange.js';
import type { Failure } from '../failure.js';
import type { ContentHash, WorkspacePath } from '../ids.js';
import type { Artifact } from '../runs/artifact.js';
import type { Result } from '../support/result.js';
import type { FolderMember, ObjectFault, StoredObject } from '../upkeep.js';

/**
 * Content-addressed store below `.refit/store`. Objects are read-only and named by sha256. A folder is a manifest of
 * its files.
 */
export interface ArtifactStore {
  /**
   * Hashes of files and folders in the workspace. Missing paths have no entry, nor have those that lead out of the workspace and
   * of the roots that refit.yaml allows.
   */
  readonly hash: (paths: readonly WorkspacePath[], more?: HashOptions) => Promise<ReadonlyMap<WorkspacePath, Artifact>>;
  /**
   * A stamp from file stats, without reading: it changes if anything at a path was touched, even if the bytes were put
   * back.
   */
  readonly stamp: (paths: readonly WorkspacePath[]) => ReadonlyMap<WorkspacePath, ContentHash>;
  /**
   * Hashes and copies into the store (with reflink if the file system can). Durable on return. `without`: a file of the folder
   * that is left out.
   */
  readonly save: (path: WorkspacePath, more?: { readonly without?: string }) => Promise<Result<Artifact, Failure>>;
  /** Makes copies of outputs that are hard links to the store's files, so that writing to them leaves the store alone. */
  readonly part: (paths: readonly WorkspacePath[]) => Promise<Result<void, Failure>>;
  readonly saveText: (text: string) => Promise<Result<Artifact, Failure>>;
  readonly has: (hash: ContentHash) => Promise<boolean>;
  /**
   * Puts stored content at `path`, complete and verified byte for byte, or not at all. Replaces what was there. A
   * damaged object fails with `integrity`.
   */
  readonly restore: (
    hash: ContentHash,
    path: WorkspacePath,
    options?: RestoreOptions,
  ) => Promise<Result<Artifact, Failure>>;
  /**
   * Absolute path of the stored file, for readers that do not write to it. `undefined` for folders and unknown hashes.
   */
  readonly objectPath: (hash: ContentHash) => Promise<string | undefined>;
  readonly readText: (hash: ContentHash) => Promise<Result<string, Failure>>;
  /** Stores the names and hashes of the files in a folder that was read, unless known or the folder has changed. */
  readonly saveListing: (path: WorkspacePath, hash: ContentHash) => Promise<Result<void, Failure>>;
  /** Files of a stored or listed folder. `undefined` if the store does not know it, or it is damaged. */
  readonly members: (hash: ContentHash) => Promise<readonly FolderMember[] | undefined>;
  readonly upkeep: StoreUpkeep;
  readonly transfer: StoreTransfer;
}

export interface HashOptions {
  /** Work for this thread while other threads read bytes. Not called if all hashes are known already. */
  readonly beside?: () => void;
  /** Paths that a run here has written. They may lie on another disk, through a link in the folders above them. */
  readonly written?: ReadonlySet<WorkspacePath>;
}

export interface RestoreOptions {
  /** For files that nobody should change: what is served. */
  readonly isReadOnly?: boolean;
}

/** Sends objects to another machine's store and receives them. */
export interface StoreTransfer {
  /** Which of these hashes are in the store. A hash may be both a folder and a listing. */
  readonly describe: (hashes: readonly ContentHash[]) => readonly RemoteObject[];
  /** Absolute path of an object, for reading. */
  readonly place: (object: Pick<RemoteObject, 'hash' | 'kind'>) => string;
  /** The files named in the text of a folder's manifest. `undefined` if it is no manifest. */
  readonly filesIn: (manifest: string) => readonly RemoteObject[] | undefined;
  /**
   * Stores an object that `fetch` writes to the given new file, after verifying its bytes. False if there was nothing
   * to fetch. Objects that are here already are not fetched.
   */
  readonly receive: (
    object: RemoteObject,
    fetch: (path: string) => Promise<Result<boolean, Failure>>,
  ) => Promise<Result<boolean, Failure>>;
}

/** Operations on the whole store: list, verify, remove. */
export interface StoreUpkeep {
  readonly list: () => Promise<readonly StoredObject[]>;
  /** Which of these hashes are in the store. */
  readonly find: (hashes: readonly ContentHash[]) => Promise<readonly StoredObject[]>;
  /**
   * Objects whose bytes do not match their names, and missing members of folders. `isFast`: objects not touched since
   * the last verification are not read again.
   */
  readonly check: (
    objects: readonly StoredObject[],
    options: { readonly isFast: boolean },
  ) => Promise<readonly ObjectFault[]>;
  /** Deletes objects permanently. */
  readonly remove: (objects: readonly StoredObject[]) => Promise<void>;
  /** Staging files of dead processes, and damaged objects that were set aside, as workspace-relative paths. */
  readonly leftovers: () => Promise<readonly WorkspacePath[]>;
  /** Deletes cached stats of files that are gone, and returns their number. With `isDry` it only counts. */
  readonly pruneCache: (isDry: boolean) => Promise<number>;
}
