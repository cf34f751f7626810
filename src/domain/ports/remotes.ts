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
  /** Removes a file below `packs/`. Nothing happens if it is gone. */
  readonly drop: (name: string) => Promise<Result<void, Failure>>;
  /** Downloads exactly `size` bytes into a new local file without verifying them. False if the file does not exist. */
  readonly get: (name: string, path: string, size: number) => Promise<Result<boolean, Failure>>;
}

export interface RemoteFile {
  /** Absolute. */
  readonly path: string;
  readonly size: number;
  readonly hash: ContentHash;
}

/** `isMade`: creates a missing folder if its parent exists. */
export type OpenRemote = (target: RemoteTarget, isMade: boolean) => Promise<Result<RemoteStore, Failure>>;
