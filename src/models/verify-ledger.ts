import type { LedgerProblem } from '../domain/models/ledger.js';
import type { Services } from '../domain/ports/services.js';
import { checkLedger } from './judge/ledger-chain.js';

export interface LedgerVerdict {
  readonly entries: number;
  readonly problems: readonly LedgerProblem[];
}

/** Checks the whole ledger against itself and against the history of every model. */
export function verifyLedger({ registry }: Pick<Services, 'registry'>): LedgerVerdict {
  const { models } = registry;
  const entries = models.ledger();
  const moves = models.names().flatMap((model) => models.recordedMoves(model));
  return { entries: entries.length, problems: checkLedger(entries, moves) };
}
