/** `overtaken`: a move that was made here while another machine's reached the remote first; its words are in `entry`. */
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

/** One entry of the ledger: its text is hashed together with the hash of the entry before it. */
export interface LedgerEntry {
  /** From 1, without gaps, over all models of the registry. */
  readonly sequence: number;
  readonly model: string;
  readonly kind: LedgerKind;
  /** The exact JSON that was hashed; every one says `sequence, kind, model, at, actor`. */
  readonly text: string;
  readonly previous: string;
  readonly hash: string;
}

/** `previous` of the first entry. */
export const LEDGER_START = '0'.repeat(64);

/** Something in the ledger that is not as it was written. */
export interface LedgerProblem {
  readonly code: 'entry-changed' | 'entry-missing' | 'entry-unknown' | 'history-gap';
  /** Of the entry, or where none is left, of the one after which it belongs. */
  readonly sequence: number;
  readonly detail: string;
}
