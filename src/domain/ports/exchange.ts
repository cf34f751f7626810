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

/** What of the registry goes to remotes and comes from them. A remote is known by its root: the hash of its first entry. */
export interface RegistryExchange {
  /** How far a remote's log was taken in. A registry whose ledger no longer goes on from there begins anew. */
  readonly standing: (root: string) => Standing;
  /** The remote that was last found at a place. */
  readonly rootAt: (place: string) => string | undefined;
  /** Moves made here that entries not yet taken in have overtaken. */
  readonly lostTo: (root: string, entries: readonly ReadEntry[]) => readonly LostMove[];
  /** What a remote does not have; `withLedger`: also moves of aliases and the ledger. */
  readonly outgoing: (root: string | undefined, withLedger: boolean) => Outgoing;
  /** Numbers for versions that go to a remote whose newest entries, which settled others, were not taken in. */
  readonly settle: (versions: readonly VersionNumber[], settled: readonly VersionNumber[]) => readonly VersionNumber[];
  /** Where all aliases stand here. */
  readonly aliases: () => readonly RemoteAlias[];
  /** The remote has these facts now; `taken`: the entry holds nothing that is not here. */
  readonly recordSent: (sent: {
    readonly root: string;
    readonly place: string;
    readonly units: readonly Unit[];
    readonly taken?: ReadEntry;
  }) => void;
  readonly recordPlace: (place: string, root: string) => void;
  /** Takes in entries of the log, all or nothing. */
  readonly merge: (request: MergeRequest) => Result<Merged, Failure>;
  /** Objects that only a remote has. */
  readonly elsewhere: () => readonly RemoteObject[];
  readonly recordFetched: (hashes: readonly ContentHash[]) => void;
}
