import type { ContentHash } from '../ids.js';
import type { Json, JsonObject } from '../support/json.js';
import type { Instant } from '../support/time.js';
import type { ObjectKind } from '../upkeep.js';

/**
 * One fact of the registry as it travels: no row id of this machine is in it, and its key says on every machine which fact
 * it is. A version is meant by model and run, for its number may differ from machine to machine until a push has settled it.
 */
export interface Unit {
  readonly kind: string;
  /** JSON text of an array. */
  readonly key: string;
  readonly row: JsonObject;
}

/** Number of a version, as the log settled it. */
export interface VersionNumber {
  readonly model: string;
  readonly run: string;
  /** When it was registered: an imported run may have several versions. */
  readonly at: string;
  readonly version: number;
}

/** What a bundle says of an object that its units refer to. */
export interface RemoteObject {
  readonly hash: ContentHash;
  readonly kind: ObjectKind;
  /** Bytes: of a folder, its manifest's. */
  readonly size: number;
  readonly isExecutable: boolean;
}

/** A file of JSON lines at the remote, named by its content: facts that cannot collide. */
export interface Bundle {
  readonly units: readonly Unit[];
  readonly objects: readonly RemoteObject[];
  /** Objects that the facts refer to and that the sender had given up: nobody need look for them. */
  readonly absent: readonly ContentHash[];
}

/** The champion of a model, or where another alias stands, after an entry of the log. */
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
 * One entry of a remote's log: immutable, and exclusive in its number, which is the compare-and-set that settles version
 * numbers, the ledger and with it who is champion.
 */
export interface LogEntry {
  readonly format: number;
  readonly number: number;
  /** sha256 of the text of the entry before; zeros at first. */
  readonly previous: string;
  readonly at: string;
  readonly actor: string;
  readonly bundles: readonly { readonly hash: ContentHash; readonly bytes: number }[];
  readonly versions: readonly VersionNumber[];
  /** Moves of aliases, as units; each has its entry in `ledger`. */
  readonly moves: readonly Unit[];
  /** What it appends to the ledger, in order. */
  readonly ledger: readonly { readonly text: string; readonly hash: string }[];
  /** Where every alias stands after it. */
  readonly aliases: readonly RemoteAlias[];
}

/** An entry as it was read: `hash` is that of its text. */
export interface ReadEntry {
  readonly entry: LogEntry;
  readonly hash: string;
}

/** An entry with what its bundles hold. */
export interface Incoming extends ReadEntry {
  readonly bundle: Bundle;
}

/** How far this registry has taken in a remote's log. */
export interface Standing {
  /** Of the newest entry that was taken in, and its hash; 0 and zeros when there is none. */
  readonly number: number;
  readonly hash: string;
  readonly aliases: readonly RemoteAlias[];
}

export const NOTHING_TAKEN_IN: Standing = { number: 0, hash: '0'.repeat(64), aliases: [] };

/** What this registry has and a remote does not. */
export interface Outgoing {
  readonly units: readonly Unit[];
  /** Versions among the units, with the numbers they have here. */
  readonly versions: readonly VersionNumber[];
  /** Content that the units refer to and the store should have; and what was read, which it has only now and then. */
  readonly hashes: readonly ContentHash[];
  readonly reads: readonly ContentHash[];
  readonly moves: readonly Unit[];
  readonly ledger: readonly { readonly text: string; readonly hash: string }[];
  readonly runs: number;
}

/** A move that was made here while the remote's champion moved too. */
export interface LostMove {
  readonly model: string;
  readonly alias: string;
  /** The version that this registry would have, and the one that the remote has. */
  readonly ours: { readonly version: number; readonly hash: string };
  readonly theirs: { readonly version: number; readonly hash: string; readonly run: string };
}

export interface Renumbered {
  readonly model: string;
  readonly run: string;
  readonly former: number;
  readonly version: number;
}

/** What taking in the remote's entries did. */
export interface Merged {
  readonly runs: number;
  readonly versions: readonly VersionNumber[];
  readonly renumbered: readonly Renumbered[];
  readonly overtaken: readonly LostMove[];
  readonly units: number;
}

export interface MergeRequest {
  /** Of the remote: sha256 of its first entry. */
  readonly remote: string;
  readonly entries: readonly Incoming[];
  /** Objects that are in this store: hash and kind, a space between. */
  readonly present: ReadonlySet<string>;
  readonly at: Instant;
  readonly actor: string;
}

export const jsonKey = (parts: readonly Json[]): string => JSON.stringify(parts);
