import type { ContentHash, PipelineName, WorkspacePath } from '../ids.js';
import { type Instant, toIso } from '../support/time.js';

/** What was read once from a remote source: rows as a Parquet file of the store. */
export interface Snapshot {
  readonly pipeline: PipelineName;
  readonly dataset: string;
  /** Hash of the question: kind, query, bound params, windows. Snapshots of one definition belong together. */
  readonly definition: string;
  readonly kind: string;
  /** Host and database, bucket or file; never a user name or a password. */
  readonly place: string;
  /** The query or command as the pipeline file says it. */
  readonly question: string;
  readonly params: Readonly<Record<string, string | number | boolean | null>>;
  /** Key of an object; empty for a window of a query. */
  readonly object: string;
  /** The window that the query was asked for: `from <= time < until`. */
  readonly from: Instant;
  readonly until: Instant;
  /** What the source says about its own state when it was read. */
  readonly version?: string;
  /** Largest value of the column `updated`. */
  readonly updated?: string;
  readonly columns: readonly SnapshotColumn[];
  readonly hash: ContentHash;
  readonly size: number;
  readonly rows: number;
  readonly readAt: Instant;
}

export interface SnapshotColumn {
  readonly name: string;
  readonly type: string;
  /** No row has a value in it, and the source does not say its type: it goes with every type. */
  readonly isEmpty?: boolean;
}

/** The folder of a dataset's snapshots. Parts of the name: snapshots of other windows never share a path. */
export const snapshotFolder = (dataset: string): string => `.refit/sources/${dataset}`;

/** Where the file of a snapshot lies for steps. Other bytes have another path, so a file is never replaced while it is read. */
export function snapshotPath({ dataset, from, object, hash }: Snapshot): WorkspacePath {
  const window = from <= 0 ? 'all' : toIso(from).slice(0, 16).replaceAll(':', '').replace('T0000', '');
  const name = object === '' ? window : `${flat(object)}-${markOf(object)}`;
  return `${snapshotFolder(dataset)}/${name}-${hash.slice(0, 12)}.parquet` as WorkspacePath;
}

/** The end of a key as part of a file's name. */
const flat = (key: string): string =>
  key
    .slice(key.lastIndexOf('/') + 1)
    .slice(-100)
    .replace(/[^A-Za-z0-9_-]/g, '-');

/** Keys that end alike may hold the same bytes: a number of the whole key tells them apart (FNV-1a). */
function markOf(key: string): string {
  let mark = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) mark = Math.imul(mark ^ key.charCodeAt(i), 0x01000193) >>> 0;
  return mark.toString(16).padStart(8, '0');
}
