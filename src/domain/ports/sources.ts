import type { Failure } from '../failure.js';
import type { RemoteSource } from '../pipeline/remote-source.js';
import type { Result } from '../support/result.js';
import type { Instant } from '../support/time.js';

/** Databases, object stores and web addresses that datasets are read from. One connection at a time for each source. */
export interface Sources {
  /** Connects, and begins a transaction that only reads where the source has such. */
  readonly open: (request: SourceRequest) => Promise<Result<OpenSource, Failure>>;
}

export interface SourceRequest {
  readonly dataset: string;
  readonly source: RemoteSource;
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
}
