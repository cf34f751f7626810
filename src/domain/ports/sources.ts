import type { Failure } from '../failure.js';
import type { ObjectPlace, RemoteSource, SourceQuery } from '../pipeline/remote-source.js';
import type { Result } from '../support/result.js';
import type { Instant } from '../support/time.js';

/** Databases, object stores and web addresses that datasets are read from. One connection at a time for each source. */
export interface Sources {
  /** Connects, and begins a transaction that only reads where the source has such. */
  readonly open: (request: SourceRequest) => Promise<Result<OpenSource, Failure>>;
  readonly openObjects: (request: ObjectsRequest) => Promise<Result<OpenObjects, Failure>>;
}

export interface SourceRequest {
  readonly dataset: string;
  readonly source: RemoteSource;
  /** The column of times. */
  readonly time?: string;
}

export interface ObjectsRequest extends SourceRequest {
  readonly place: ObjectPlace;
}

/** Files of an object store or a web server, each of them a table. */
export interface OpenObjects extends AsyncDisposable {
  /** A host and a path, or a bucket. Never a user name, a password or what a variable holds beside the host. */
  readonly place: string;
  /** What is there now, in the order of names. Without a version only reading it tells whether it has changed. */
  readonly list: () => Promise<Result<readonly SourceObject[], Failure>>;
  /** Reads an object into a new file: `to` and the ending of its format. `unchanged`: it still has the version `known`. */
  readonly read: (
    object: SourceObject,
    known: string | undefined,
    to: string,
  ) => Promise<Result<SourceRows | 'unchanged', Failure>>;
}

export interface SourceObject {
  readonly name: string;
  readonly version?: string;
}

export interface DatabaseRequest extends SourceRequest {
  /** The file. */
  readonly path: string;
  readonly query: SourceQuery;
}

export type OpenDatabase = (request: DatabaseRequest) => Promise<Result<OpenSource, Failure>>;

/** Fetches one file of the web. Its failures hold no part of the address but the host. */
export type Download = (call: DownloadCall) => Promise<Downloaded>;

export interface DownloadCall {
  readonly url: string;
  /** Where the bytes go: a new file. */
  readonly path: string;
  /** For the whole of it. */
  readonly timeoutMs: number;
  readonly mostBytes: number;
  readonly signal: AbortSignal;
  /** A version that it gave before. */
  readonly known?: string;
}

export type Downloaded =
  | { readonly kind: 'fetched'; readonly version?: string }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'failed'; readonly reason: string };

/** The objects of a bucket. `kind` of a problem: what the server says. */
export type OpenBucket = (place: {
  readonly bucket: string;
  readonly endpoint?: string;
  readonly timeoutMs: number;
}) => Promise<BucketResult<Bucket>>;

export interface Bucket {
  /** Keys below a prefix in their order, with the ETag; at most so many. */
  readonly list: (prefix: string, most: number) => Promise<BucketResult<readonly BucketObject[]>>;
  /** Writes an object to a new file if it still has that ETag. */
  readonly fetch: (object: BucketObject, path: string) => Promise<BucketResult<void>>;
}

export interface BucketObject {
  readonly key: string;
  readonly etag: string;
  readonly size: number;
}

export type BucketResult<T> = Result<T, BucketProblem>;

export interface BucketProblem {
  readonly kind: 'login' | 'permission' | 'absent' | 'time' | 'changed' | 'interrupted' | 'unreachable';
  readonly reason: string;
}

export interface OpenSource extends AsyncDisposable {
  /** Host, port and database; a bucket; a file. Never a user name or a password. */
  readonly place: string;
  /** Counts rows without reading them. `undefined` where the source can only be read. */
  readonly probe: (span: SourceSpan) => Promise<Result<Probe | undefined, Failure>>;
  /** Reads the rows into a new file at an absolute path. A file in a format of its own has that path and an ending. */
  readonly read: (span: SourceSpan, to: string) => Promise<Result<SourceRows, Failure>>;
}

/** `from <= time < until`. */
export interface SourceSpan {
  readonly from: Instant;
  readonly until: Instant;
}

export interface Probe {
  readonly rows?: number;
  /** Largest value of the column `updated`, as text. */
  readonly updated?: string;
  /** ETag or object version. */
  readonly version?: string;
}

export interface SourceRows {
  /** What the source says about its own state: a transaction snapshot and log position, an ETag. */
  readonly version?: string;
  readonly updated?: string;
  /** `text`: values by column, to be cast. Otherwise the file is a table in its own format. */
  readonly table:
    | {
        readonly kind: 'text';
        readonly columns: readonly SourceColumn[];
        readonly rows: number;
        readonly sizes?: RowSizes;
      }
    | { readonly kind: 'file'; readonly path: string };
}

/** How large rows of text are, in bytes: the largest one at most, and the average where they are largest. */
export interface RowSizes {
  readonly largest: number;
  readonly average: number;
}

/** A column and the DuckDB type that keeps its values exactly. `hex`: bytes, written as hexadecimal digits. */
export interface SourceColumn {
  readonly name: string;
  readonly type: string;
  readonly isHex?: boolean;
  /** No row has a value, and the source keeps no type with the column: the type of other windows decides. */
  readonly isEmpty?: boolean;
}
