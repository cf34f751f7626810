/** `overtaken`: a local move that lost against another machine's on the remote. Its text is in `entry`. */
export const LEDGER_KINDS = [
  'promotion',
  'rollback',
  'hook',
  'approval',
  'rejection',
  'note',
  'repair',
  'overtaken',
] as const;
export type LedgerKind = (typeof LEDGER_KINDS)[number];

/** One entry of the ledger. Its text is hashed together with the previous entry's hash. */
export interface LedgerEntry {
  /** From 1, without gaps, over all models of the registry. */
  readonly sequence: number;
  readonly model: string;
  readonly kind: LedgerKind;
  /** The exact JSON that was hashed. Always has `sequence, kind, model, at, actor`. */
  readonly text: string;
  readonly previous: string;
  readonly hash: string;
}

/** `previous` of the first entry. */
export const LEDGER_START = '0'.repeat(64);

/** A difference between the ledger and what was written. */
export interface LedgerProblem {
  readonly code: 'entry-changed' | 'entry-missing' | 'entry-unknown' | 'history-gap';
  /** Sequence number of the entry. If it is missing, of the entry before it. */
  readonly sequence: number;
  readonly detail: string;
}
