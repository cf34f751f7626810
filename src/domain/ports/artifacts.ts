import type { RemoteObject } from '../exchange/exchange.js';
import type { Failure } from '../failure.js';
import type { ContentHash, WorkspacePath } from '../ids.js';
import type { Artifact } from '../runs/artifact.js';
import type { Result } from '../support/result.js';
import type { FolderMember, ObjectFault, StoredObject } from '../upkeep.js';

/** Content-addressed store below `.refit/store`: read-only objects named by sha256; a folder is a manifest of its files. */
export interface ArtifactStore {
  /**
   * Content of files and folders as they lie in the workspace; a path that does not exist has no entry. `beside`: work that
   * this thread can do while bytes have to be read, which other threads then do; not called where all is known already.
   */
  readonly hash: (
    paths: readonly WorkspacePath[],
    beside?: () => void,
  ) => Promise<ReadonlyMap<WorkspacePath, Artifact>>;
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
  /** Keeps what a folder that was read holds, by name and hash, unless it is known already or the folder has changed. */
  readonly saveListing: (path: WorkspacePath, hash: ContentHash) => Promise<Result<void, Failure>>;
  /** Files of a stored or listed folder; `undefined` when this store does not know it, or it is damaged. */
  readonly members: (hash: ContentHash) => Promise<readonly FolderMember[] | undefined>;
  readonly upkeep: StoreUpkeep;
  readonly transfer: StoreTransfer;
}

/** Objects as they go to another machine's store and come from one. */
export interface StoreTransfer {
  /** Those of these hashes that are here; one may be a folder and a listing. */
  readonly describe: (hashes: readonly ContentHash[]) => readonly RemoteObject[];
  /** Absolute path of an object, for reading. */
  readonly place: (object: Pick<RemoteObject, 'hash' | 'kind'>) => string;
  /** The files that a folder's manifest, given as text, names. */
  readonly filesIn: (manifest: string) => readonly RemoteObject[] | undefined;
  /**
   * Stores what `fetch` writes to the new file that it is given, once its bytes are proved to be the object's; false when
   * there was nothing to fetch. An object that is here already is not fetched.
   */
  readonly receive: (
    object: RemoteObject,
    fetch: (path: string) => Promise<Result<boolean, Failure>>,
  ) => Promise<Result<boolean, Failure>>;
}

/** The store as a whole: what lies in it, whether it is whole, and what may go. */
export interface StoreUpkeep {
  readonly list: () => Promise<readonly StoredObject[]>;
  /** Those of these hashes that are there. */
  readonly find: (hashes: readonly ContentHash[]) => Promise<readonly StoredObject[]>;
  /**
   * Objects whose bytes are not those of their name, and members of folders that are not there. `isFast`: an object that
   * has not been touched since it was last proved is not read again.
   */
  readonly check: (objects: readonly StoredObject[], isFast: boolean) => Promise<readonly ObjectFault[]>;
  /** Takes objects away for good. */
  readonly remove: (objects: readonly StoredObject[]) => Promise<void>;
  /** Staging files of dead processes, and objects that were set aside as damaged: workspace-relative paths. */
  readonly leftovers: () => Promise<readonly WorkspacePath[]>;
  /** Forgets the stats of files that are gone; gives how many there were. With `isDry` they are only counted. */
  readonly pruneCache: (isDry: boolean) => Promise<number>;
}
