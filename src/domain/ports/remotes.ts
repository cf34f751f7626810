import type { RemoteTarget } from '../exchange/remote.js';
import type { Failure } from '../failure.js';
import type { ContentHash } from '../ids.js';
import type { Result } from '../support/result.js';

/**
 * A place that several machines share: files named by content, which are whole or not there, and a log of numbered entries,
 * each written once. Failures are `remote-unreachable`, and `integrity` for something that is no regular file or not of the
 * declared size.
 */
export interface RemoteStore {
  /** Where it really is, links followed, whatever it was called by. */
  readonly location: string;
  /** Text of an entry of the log, `undefined` where there is none of that number. */
  readonly entry: (number: number) => Promise<Result<string | undefined, Failure>>;
  /** The entries that follow a number, without a gap. */
  readonly entriesAfter: (number: number) => Promise<Result<readonly string[], Failure>>;
  /** The compare-and-set: of all who write an entry of one number at most one has `appended` it, the others' is `taken`. */
  readonly append: (number: number, text: string) => Promise<Result<'appended' | 'taken', Failure>>;
  /** Bytes of a file there, `undefined` where there is none. */
  readonly sizeOf: (name: string) => Promise<Result<number | undefined, Failure>>;
  /** Copies a file of this machine there, proved against its hash: `integrity` when it has other bytes. */
  readonly put: (name: string, file: RemoteFile) => Promise<Result<void, Failure>>;
  /** Copies one of exactly `size` bytes into a new file of this machine, its bytes not proved; false: it is not there. */
  readonly get: (name: string, path: string, size: number) => Promise<Result<boolean, Failure>>;
}

export interface RemoteFile {
  /** Absolute. */
  readonly path: string;
  readonly size: number;
  readonly hash: ContentHash;
}

/** `isMade`: a folder that is not there yet is made, if the one above it is there. */
export type OpenRemote = (target: RemoteTarget, isMade: boolean) => Promise<Result<RemoteStore, Failure>>;
