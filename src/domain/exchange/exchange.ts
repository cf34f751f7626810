import type { ContentHash } from '../ids.js';
import type { Json, JsonObject } from '../support/json.js';
import type { Instant } from '../support/time.js';
import type { ObjectKind } from '../upkeep.js';

/**
 * One fact of the registry for exchange. It contains no row id of this machine, and its key identifies the fact on
 * every machine. A version is identified by model and run, because its number may differ between machines until a push
 * settles it.
 */
export interface Unit {
  readonly kind: string;
  /** JSON text of an array. */
  readonly key: string;
  readonly row: JsonObject;
}

/** Number of a version, as settled by the remote's log. */
export interface VersionNumber {
  readonly model: string;
  readonly run: string;
  /** When it was registered. An imported run may have several versions. */
  readonly at: string;
  readonly version: number;
}

/** A bundle's description of an object that its units refer to. */
export interface RemoteObject {
  readonly hash: ContentHash;
  readonly kind: ObjectKind;
  /** In bytes. For a folder, the size of its manifest. */
  readonly size: number;
  readonly isExecutable: boolean;
}

/** A file of JSON lines on the remote, named by its content. Holds facts that cannot conflict. */
export interface Bundle {
  readonly units: readonly Unit[];
  readonly objects: readonly RemoteObject[];
  /** Objects that the facts refer to and the sender no longer has, so that nobody searches for them. */
  readonly absent: readonly ContentHash[];
}

/** Where the champion or another alias of a model points after a log entry. */
export interface RemoteAlias {
  readonly model: string;
  readonly alias: string;
  readonly generation: number;
  readonly run: string;
  readonly version: number;
  readonly hash: string;
}

export const REMOTE_FORMAT = 1;

/**
 * One entry of a remote's log. It never changes and its number is used once. Appending it is the compare-and-set that
 * settles version numbers, the ledger, and the champion.
 */
export interface LogEntry {
  readonly format: number;
  readonly number: number;
  /** sha256 of the previous entry's text. Zeros for the first. */
  readonly previous: string;
  readonly at: string;
  readonly actor: string;
  readonly bundles: readonly { readonly hash: ContentHash; readonly bytes: number }[];
  readonly versions: readonly VersionNumber[];
  /** Moves of aliases as units. Each has its entry in `ledger`. */
  readonly moves: readonly Unit[];
  /** Entries appended to the ledger, in order. */
  readonly ledger: readonly { readonly text: string; readonly hash: string }[];
  /** Where every alias points afterwards. */
  readonly aliases: readonly RemoteAlias[];
}

/** An entry as read. `hash` is the hash of its text. */
export interface ReadEntry {
  readonly entry: LogEntry;
  readonly hash: string;
}

/** An entry with the contents of its bundles. */
export interface Incoming extends ReadEntry {
  readonly bundle: Bundle;
}

/** How far this registry has merged a remote's log. */
export interface Standing {
  /** Number and hash of the newest merged entry. 0 and zeros if there is none. */
  readonly number: number;
  readonly hash: string;
  readonly aliases: readonly RemoteAlias[];
}

export const NOTHING_TAKEN_IN: Standing = { number: 0, hash: '0'.repeat(64), aliases: [] };

/** What this registry has and the remote does not. */
export interface Outgoing {
  readonly units: readonly Unit[];
  /** The versions among the units, with their local numbers. */
  readonly versions: readonly VersionNumber[];
  /** Content that the units refer to. `hashes` should be in the store, `reads` need not be. */
  readonly hashes: readonly ContentHash[];
  readonly reads: readonly ContentHash[];
  readonly moves: readonly Unit[];
  readonly ledger: readonly { readonly text: string; readonly hash: string }[];
  readonly runs: number;
}

/** A local move that lost against a move on the remote. */
export interface LostMove {
  readonly model: string;
  readonly alias: string;
  /** The local version and the remote's version. */
  readonly ours: { readonly version: number; readonly hash: string; readonly run: string };
  readonly theirs: { readonly version: number; readonly hash: string; readonly run: string };
}

export interface Renumbered {
  readonly model: string;
  readonly run: string;
  readonly former: number;
  readonly version: number;
}

/** Result of merging the remote's entries. */
export interface Merged {
  readonly runs: number;
  readonly versions: readonly VersionNumber[];
  readonly renumbered: readonly Renumbered[];
  readonly overtaken: readonly LostMove[];
  readonly units: number;
}

export interface MergeRequest {
  /** Identity of the remote: sha256 of its first entry. */
  readonly remote: string;
  readonly entries: readonly Incoming[];
  /** Objects in this store, each as hash and kind with a space between. */
  readonly present: () => ReadonlySet<string>;
  readonly at: Instant;
  readonly actor: string;
}

export const jsonKey = (parts: readonly Json[]): string => JSON.stringify(parts);
