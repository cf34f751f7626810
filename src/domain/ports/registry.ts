import type { Failure } from '../failure.js';
import type { ContentHash } from '../ids.js';
import type { Result } from '../support/result.js';
import type { Instant } from '../support/time.js';
import type { Publication, RegistryFault, RunObjects, StoredReference } from '../upkeep.js';
import type { RegistryExchange } from './exchange.js';
import type {
  EventRecords,
  FindingRecords,
  ProfileRecords,
  SchemaRecords,
  SnapshotRecords,
} from './records/data-records.js';
import type {
  DecisionRecords,
  OperatorActionRecords,
  TickRecords,
  TriggerRecords,
} from './records/decision-records.js';
import type { ModelRecords } from './records/model-records.js';
import type { NoticeRecords } from './records/notice-records.js';
import type { PerformanceRecords } from './records/performance-records.js';
import type { RunRecords } from './records/run-records.js';

/**
 * The registry of facts. Each fact is written by an explicit call and durable on return. Calls are synchronous
 * (better-sqlite3). Each is one transaction, with `BEGIN IMMEDIATE` if it reads before it writes.
 */
export interface Registry extends Disposable {
  /**
   * Commits the calls made in `work` as one transaction, together with other waiting work. Durable when it resolves.
   * `registry-unusable` if the disk is full or broken; waits for a busy registry. Work runs in the given order.
   */
  readonly write: <T>(work: () => T) => Promise<Result<T, Failure>>;
  readonly runs: RunRecords;
  readonly models: ModelRecords;
  readonly decisions: DecisionRecords;
  readonly findings: FindingRecords;
  readonly events: EventRecords;
  readonly schemas: SchemaRecords;
  readonly snapshots: SnapshotRecords;
  readonly triggers: TriggerRecords;
  readonly ticks: TickRecords;
  readonly operatorActions: OperatorActionRecords;
  readonly notices: NoticeRecords;
  readonly profiles: ProfileRecords;
  readonly upkeep: RegistryUpkeep;
  readonly performance: PerformanceRecords;
  /** Loaded on first use, because few commands need it. */
  readonly exchange: () => Promise<RegistryExchange>;
}

/**
 * Operations on the whole registry: its integrity, the objects that the store must hold, and those that were removed.
 */
export interface RegistryUpkeep {
  /** Checks pages, links between rows, and every sealed row against its hash. */
  readonly check: () => readonly RegistryFault[];
  readonly counts: () => { readonly runs: number; readonly artifacts: number; readonly sealed: number };
  /** What the store must hold: everything stored and not collected since. */
  readonly references: () => readonly StoredReference[];
  readonly objectsOfRuns: () => Iterable<RunObjects>;
  /** Hashes of every artifact that is a folder. */
  readonly folders: () => readonly ContentHash[];
  readonly publications: () => readonly Publication[];
  /** Records that these objects were removed from the store on purpose. */
  readonly recordCollected: (hashes: readonly ContentHash[], at: Instant) => void;
  /** When it was recorded that the store need not have it: gc removed it, or it never came. */
  readonly collectedAt: (hash: ContentHash) => Instant | undefined;
  /** Whether the machine that pushed it had removed it, and no copy has been here since. */
  readonly wasNeverHere: (hash: ContentHash) => boolean;
  /** Whether a remote has it and a pull did not fetch it. */
  readonly isElsewhere: (hash: ContentHash) => boolean;
  /**
   * Deletes profiles that no check reads any more: tables that are not among `hashes`, and old windows. Returns their number.
   */
  readonly thinProfiles: (
    kept: { readonly hashes: ReadonlySet<ContentHash>; readonly since: Instant },
    isDry: boolean,
  ) => number;
  /** Gives the space of deleted rows back to the disk, in bytes. `undefined`: another process uses the registry now. */
  readonly giveSpaceBack: () => number | undefined;
  /** Records that the store has these inputs of steps, so that their loss is noticed. */
  readonly recordStoredInputs: (hashes: readonly ContentHash[]) => void;
  /** The file beside the registry knows of more ledger entries: an older registry was put in place. */
  readonly rewound: () => { readonly here: number; readonly seen: number } | undefined;
  /** What a person accepted of published pointers that are newer than the registry, by their path. */
  readonly accepted: () => Readonly<Record<string, string>>;
  /** Takes the ledger as it is, and these pointers, for right from now on. */
  readonly accept: (pointers: Readonly<Record<string, string>>) => void;
  /**
   * A consistent copy of the registry, even while others write. `path` is absolute, inside or outside the workspace.
   */
  readonly backup: (path: string) => Promise<Result<{ readonly bytes: number }, Failure>>;
}
