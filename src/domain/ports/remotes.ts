import type { RemoteTarget } from '../exchange/remote.js';
import type { Failure } from '../failure.js';
import type { ContentHash } from '../ids.js';
import type { Result } from '../support/result.js';

/**
 * A place that several machines share: files named by content, which are complete or absent, and a log of numbered
 * entries, each written once. Failures are `remote-unreachable`, and `integrity` for something that is no regular file or
 * not of the declared size.
 */
export interface RemoteStore {
  /** Its real place, links followed, whatever name it was given. */
  readonly location: string;
  /** The largest file that it takes. */
  readonly mostBytes?: number;
  /** Text of a log entry. `undefined` if that number does not exist. */
  readonly entry: (number: number) => Promise<Result<string | undefined, Failure>>;
  /** The entries after a number, without a gap. */
  readonly entriesAfter: (number: number) => Promise<Result<readonly string[], Failure>>;
  /** The compare-and-set: of all writers of one number at most one gets `appended`, the others get `taken`. */
  readonly append: (number: number, text: string) => Promise<Result<'appended' | 'taken', Failure>>;
  /** Size of a file there in bytes. `undefined` if it does not exist. */
  readonly sizeOf: (name: string) => Promise<Result<number | undefined, Failure>>;
  /** Uploads a local file and verifies its hash. `integrity` if it has other bytes. */
  readonly put: (name: string, file: RemoteFile) => Promise<Result<void, Failure>>;
  /** Names of the files below `packs/`, as `packs/<name>`. */
  readonly packs: () => Promise<Result<readonly string[], Failure>>;
  /** Removes a file below `packs/` or `staging/`. Nothing happens if it is gone. */
  readonly drop: (name: string) => Promise<Result<void, Failure>>;
  /** Writes a small file below `staging/`, whole. It replaces one of that name. */
  readonly putBytes: (name: string, bytes: string | Uint8Array) => Promise<Result<void, Failure>>;
  /** A small file; `undefined` if it does not exist. */
  readonly getBytes: (name: string) => Promise<Result<Uint8Array | undefined, Failure>>;
  /** The files below a folder of `staging/`, whose name ends in a slash, at any depth. */
  readonly list: (folder: string) => Promise<Result<readonly ListedFile[], Failure>>;
  /** Removes such a folder with all that is below it. */
  readonly clear: (folder: string) => Promise<Result<void, Failure>>;
  /** Downloads exactly `size` bytes into a new local file without verifying them. False if the file does not exist. */
  readonly get: (name: string, path: string, size: number) => Promise<Result<boolean, Failure>>;
}

export interface ListedFile {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
}

export interface RemoteFile {
  /** Absolute. */
  readonly path: string;
  readonly size: number;
  readonly hash: ContentHash;
}

interface OpenOptions {
  /** Creates a missing folder if its parent exists. */
  readonly isMade?: boolean;
  /** Its requests go on when refit is to end: what jobs were told is told before that. */
  readonly isEnding?: boolean;
}

export type OpenRemote = (target: RemoteTarget, options?: OpenOptions) => Promise<Result<RemoteStore, Failure>>;
