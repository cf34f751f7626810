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
  /** Published pointers, by path, that a person accepted although they are newer than the registry. */
  readonly accepted?: Readonly<Record<string, string>>;
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

/** The file, if it knows of entries that the ledger does not have. */
export function headBeyond(db: Database.Database, registry: string): LedgerHead | undefined {
  const seen = readLedgerHead(registry);
  return seen !== undefined && seen.entries > (lastEntry(db)?.entries ?? 0) ? seen : undefined;
}

/** A ledger whose lost entries are counted in the file: `lost` of them after the `here` that it has. */
interface Rewound {
  readonly head: LedgerHead;
  readonly lost: number;
}

export function rewoundAt(db: Database.Database, registry: string): Rewound | undefined {
  const head = headBeyond(db, registry);
  return head === undefined ? undefined : { head, lost: head.entries - (lastEntry(db)?.entries ?? 0) };
}

/**
 * Writes the file if the ledger has grown. It never goes back by itself: that would hide a registry that was rewound. If it
 * was rewound when the command began (`before`), new entries do not stand for the lost ones, so as many stay missing, until
 * a pull has brought them back. A crash or a full disk before this leaves an older file, which says nothing wrong; the next
 * command that writes replaces it.
 */
export function keepLedgerHead(db: Database.Database, registry: string, before?: Rewound): void {
  const last = lastEntry(db);
  if (last === undefined) return;
  const seen = readLedgerHead(registry);
  const isStillLost = before !== undefined && seen?.hash === before.head.hash && !hasEntry(db, before.head);
  const entries = last.entries + (isStillLost ? before.lost : 0);
  if (entries <= (seen?.entries ?? 0)) return;
  try {
    writeLedgerHead(registry, { ...seen, entries, hash: isStillLost ? before.head.hash : last.hash });
  } catch (error) {
    if (worldFailure(error) === undefined) throw error;
  }
}

const hasEntry = (db: Database.Database, { hash }: LedgerHead): boolean =>
  db.prepare<[string], { n: number }>('SELECT 1 AS n FROM ledger_entry WHERE hash = ?').get(hash) !== undefined;

/** For `registry restore` and `registry accept`, after which an older ledger is the right one. */
export function writeLedgerHead(registry: string, head: LedgerHead): void {
  const path = headFile(registry);
  const staged = `${path}.${process.pid}`;
  writeFileSync(staged, `${JSON.stringify(head)}\n`);
  renameSync(staged, path);
}
