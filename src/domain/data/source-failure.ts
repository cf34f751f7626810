/** Failures of databases, object stores, addresses and commands. `source` names the dataset, `place` the host or bucket. */
export type SourceFailure =
  /** `variable`: the one that should hold the URL. The URL itself is never part of a failure. */
  | {
      readonly code: 'source-url-invalid';
      readonly source: string;
      readonly variable?: string;
      /**
       * `names-files`: a URL in a pipeline file names certificates or a key. `unfit-files`: those are no regular files. `no-user`:
       * neither the URL nor, where it may, the environment names a user. `no-root`: `verify-ca` without a root certificate.
       * `unknown-setting`: a parameter that refit does not know. `number-for-name`: a certificate is compared with names.
       * `not-encrypted`: http to another machine. `no-key`: a bucket without a key or a pattern.
       */
      readonly problem:
        | 'unset'
        | 'malformed'
        | 'names-files'
        | 'unfit-files'
        | 'no-user'
        | 'bad-sslmode'
        | 'no-root'
        | 'unknown-setting'
        | 'number-for-name'
        | 'not-encrypted'
        | 'no-key';
    }
  | { readonly code: 'source-refused'; readonly source: string; readonly reason: string }
  | {
      readonly code: 'source-unreachable';
      readonly source: string;
      readonly place: string;
      readonly reason: string;
      /** The place is a file of the workspace, not a server. */
      readonly isFile?: boolean;
    }
  | { readonly code: 'source-login-refused'; readonly source: string; readonly place: string; readonly reason: string }
  | {
      readonly code: 'source-permission-denied';
      readonly source: string;
      readonly place: string;
      readonly reason: string;
    }
  | { readonly code: 'source-query-refused'; readonly source: string; readonly reason: string }
  | { readonly code: 'source-timed-out'; readonly source: string; readonly place: string; readonly afterMs: number }
  | { readonly code: 'source-broken-off'; readonly source: string; readonly place: string; readonly reason: string }
  | {
      readonly code: 'source-command-failed';
      readonly source: string;
      readonly reason: string;
      readonly tail: readonly string[];
    }
  /** A value that the column's type in Parquet cannot hold exactly. `next`: what to write in the query. */
  | {
      readonly code: 'source-value-unfit';
      readonly source: string;
      readonly column: string;
      readonly reason: string;
      readonly next: string;
    }
  /**
   * Times that do not compare rightly with the bounds of a window. `numbers`, `texts`: the query compares these with bounds of the other
   * kind. `scale`: numbers of another unit. `misplaced`: as a text it falls into another window. `uncast`: the column is of a type without
   * times, `format` names it. `format` else: the form of the value.
   */
  | {
      readonly code: 'source-time-unfit';
      readonly source: string;
      readonly column: string;
      readonly kind: 'numbers' | 'texts' | 'scale' | 'unreadable' | 'misplaced' | 'uncast';
      readonly value?: string;
      readonly bound?: string;
      readonly format?: string;
    }
  /** What the key of the dataset names is no column of the rows. */
  | {
      readonly code: 'source-column-missing';
      readonly source: string;
      readonly column: string;
      readonly key: 'time';
      readonly columns: readonly string[];
    }
  | {
      readonly code: 'source-columns-changed';
      readonly source: string;
      readonly missing: readonly string[];
      readonly added: readonly string[];
      /** `at: TIMESTAMP, now DATE` */
      readonly changed: readonly string[];
    };
