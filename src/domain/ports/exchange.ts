import type {
  LostMove,
  Merged,
  MergeRequest,
  Outgoing,
  ReadEntry,
  RemoteAlias,
  RemoteObject,
  Standing,
  Unit,
  VersionNumber,
} from '../exchange/exchange.js';
import type { Failure } from '../failure.js';
import type { ContentHash } from '../ids.js';
import type { Result } from '../support/result.js';

interface OutgoingTo {
  /** Also moves of aliases and the ledger. */
  readonly withLedger: boolean;
  /** Facts in entries of the remote that are not merged here. They are not sent again. */
  readonly unmerged: readonly Unit[];
}

/** Exchange of the registry's facts with remotes. A remote is identified by its root, the hash of its first entry. */
export interface RegistryExchange {
  /** How far a remote's log was merged. Starts again if the local ledger does not continue from there. */
  readonly standing: (root: string) => Standing;
  /** The remote that was last found at an address. */
  readonly rootAt: (place: string) => string | undefined;
  /** Local moves that lost against entries not merged yet. */
  readonly lostTo: (root: string, entries: readonly ReadEntry[]) => readonly LostMove[];
  /** What a remote does not have. */
  readonly outgoing: (root: string | undefined, to: OutgoingTo) => Outgoing;
  /**
   * Numbers for versions to send, avoiding those that newer entries of the remote have settled but that are not merged
   * here.
   */
  readonly settle: (versions: readonly VersionNumber[], settled: readonly VersionNumber[]) => readonly VersionNumber[];
  /** Where all local aliases point. */
  readonly aliases: () => readonly RemoteAlias[];
  /** Records that the remote has these facts, and that the entry holds nothing that is missing here. */
  readonly recordSent: (sent: {
    readonly root: string;
    readonly place: string;
    readonly units: readonly Unit[];
    readonly taken: ReadEntry;
  }) => void;
  readonly recordPlace: (place: string, root: string) => void;
  /** Merges entries of the log, all or none. */
  readonly merge: (request: MergeRequest) => Result<Merged, Failure>;
  /** What `look` finds in the registry as it would be after this merge. Nothing is merged. */
  readonly lookAfterMerge: <T>(request: MergeRequest, look: () => T) => Result<T, Failure>;
  /** Objects that only a remote has. */
  readonly elsewhere: () => readonly RemoteObject[];
  readonly recordFetched: (hashes: readonly ContentHash[]) => void;
}
