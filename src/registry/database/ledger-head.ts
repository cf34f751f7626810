import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type Database from 'better-sqlite3';
import { worldFailure } from '../../domain/support/world-failure.js';

/**
 * The number of ledger entries, in a file beside the registry. A checkout or a copy that puts an older registry in place
 * leaves the file, which then knows of entries that the registry does not have.
 */
const FILE = 'ledger-head.json';

export interface LedgerHead {
  readonly entries: number;
  readonly hash: string;
}

const headFile = (registry: string): string => join(dirname(registry), FILE);

/** `undefined`: there is no such file, or it is damaged. It is advisory. */
export function readLedgerHead(registry: string): LedgerHead | undefined {
  const path = headFile(registry);
  if (!existsSync(path)) return undefined;
  try {
    const head: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isHead(head) ? head : undefined;
  } catch {
    return undefined;
  }
}

const isHead = (value: unknown): value is LedgerHead =>
  typeof value === 'object' &&
  value !== null &&
  Number.isSafeInteger((value as Partial<LedgerHead>).entries) &&
  typeof (value as Partial<LedgerHead>).hash === 'string';

export const lastEntry = (db: Database.Database): LedgerHead | undefined =>
  db.prepare<[], LedgerHead>('SELECT sequence AS entries, hash FROM ledger_entry ORDER BY sequence DESC LIMIT 1').get();

/**
 * Writes the file if the ledger has grown. It never goes back by itself: that would hide a registry that was rewound. A crash
 * or a full disk before this leaves an older file, which says nothing wrong; the next command that writes replaces it.
 */
export function keepLedgerHead(db: Database.Database, registry: string): void {
  const last = lastEntry(db);
  if (last === undefined || last.entries <= (readLedgerHead(registry)?.entries ?? 0)) return;
  try {
    writeLedgerHead(registry, last);
  } catch (error) {
    if (worldFailure(error) === undefined) throw error;
  }
}

/** For `registry restore`, after which an older ledger is the right one. */
export function writeLedgerHead(registry: string, head: LedgerHead): void {
  const path = headFile(registry);
  const staged = `${path}.${process.pid}`;
  writeFileSync(staged, `${JSON.stringify(head)}\n`);
  renameSync(staged, path);
}
