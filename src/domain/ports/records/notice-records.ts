import type { Notice } from '../../decisions/notice.js';
import type { Instant } from '../../support/time.js';

declare const attempt: unique symbol;
/** Row id of one attempt to send. */
export type NoticeAttemptId = number & { readonly [attempt]: true };

/** How far a channel has read the ledger: the last row of each table. */
export interface LedgerMark {
  readonly decision: number;
  readonly outcome: number;
  readonly gate: number;
  readonly move: number;
  readonly tick: number;
  /** The last run before the first unfinished one, so that a run that ends later is not missed. */
  readonly run: number;
}

export interface SentNotice {
  readonly notice: Notice;
  readonly writtenAt: Instant;
  readonly tries: number;
  readonly lastTriedAt?: Instant;
}

interface AttemptEnd {
  readonly at: Instant;
  /** Absent if it arrived. */
  readonly problem?: string;
}

/** The outbox: notices by channel, sent until an attempt succeeds. */
export interface NoticeRecords {
  /** How far a channel has read. A new channel starts at `startedAt`. */
  readonly mark: (channel: string, startedAt: Instant) => LedgerMark;
  /** Rows of a table after a mark, oldest first. `ref` is the id in the table's own records. */
  readonly rows: (table: keyof LedgerMark, after: number) => readonly { readonly mark: number; readonly ref: string }[];
  /** Adds new notices and stores how far the ledger was read, in one transaction. */
  readonly write: (channel: string, notices: readonly Notice[], mark: LedgerMark) => void;
  /** Oldest first. */
  readonly unsent: (channel: string) => readonly SentNotice[];
  /** `undefined` if it has arrived, or if another process is sending it: its attempt began after `staleBefore`. */
  readonly startAttempt: (
    notice: string,
    channel: string,
    at: Instant,
    staleBefore: Instant,
  ) => NoticeAttemptId | undefined;
  readonly finishAttempt: (attempt: NoticeAttemptId, end: AttemptEnd) => void;
  readonly lastAttempt: (channel: string) => AttemptEnd | undefined;
  readonly recordBeat: (at: Instant, problem?: string) => void;
  readonly lastBeat: () => AttemptEnd | undefined;
}
