import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Failure } from '../../domain/failure.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { messageOf } from '../../domain/support/system-error.js';
import { syncPath } from '../../platform/durable-files.js';
import { backupFolder } from './backups.js';
import { copyFiles } from './copy.js';
import { lastEntry, writeLedgerHead } from './ledger-head.js';
import { MIGRATIONS } from './migrations/index.js';

export interface RestoredRegistry {
  readonly runs: number;
  readonly ledgerEntries: number;
  /** Where the registry that was replaced is now. Absent if there was none. */
  readonly replaced?: string;
}

/**
 * Puts a checked copy in place of the registry. The one that was there, damaged or not, is moved into the backup folder with
 * its write-ahead log. `label` names it there. No other process may use the registry.
 */
export async function restoreRegistry(
  registry: string,
  copy: string,
  label: string,
): Promise<Result<RestoredRegistry, Failure>> {
  const staged = `${registry}.restoring`;
  try {
    for (const part of PARTS) rmSync(`${staged}${part}`, { force: true });
    const checked = stageCopy(copy, staged);
    if (!checked.ok) return checked;
    await syncPath(staged);
    const replaced = moveAside(registry, label);
    renameSync(staged, registry);
    writeLedgerHead(registry, { entries: checked.value.ledgerEntries, hash: checked.value.ledgerHash });
    await syncPath(join(registry, '..'));
    return ok({ runs: checked.value.runs, ledgerEntries: checked.value.ledgerEntries, replaced });
  } catch (error) {
    return err({
      code: 'file-unwritable',
      path: registry,
      reason: messageOf(error),
    });
  } finally {
    for (const part of PARTS) rmSync(`${staged}${part}`, { force: true });
  }
}

const PARTS = ['', '-wal', '-shm'] as const;

/** Copies a registry with what is only in its write-ahead log, and checks the result. */
function stageCopy(copy: string, staged: string): Result<Checked, Failure> {
  if (!existsSync(copy)) return err({ code: 'file-unreadable', path: copy, reason: 'there is no such file' });
  try {
    copyFiles(copy, staged);
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    return wrongCopy(copy, error.message);
  }
  return checkCopy(copy, staged);
}

const wrongCopy = (path: string, reason: string): Result<never, Failure> =>
  err({
    code: 'integrity',
    what: path,
    expected: 'a registry that refit wrote',
    found: reason,
    next: 'nothing was replaced; name another copy',
  });

function moveAside(registry: string, label: string): string | undefined {
  if (!existsSync(registry)) return undefined;
  mkdirSync(backupFolder(registry), { recursive: true });
  const aside = join(backupFolder(registry), `registry-before-restore-${label}.db`);
  // The log first: a database without its log is older, never torn.
  for (const part of [...PARTS].reverse())
    if (existsSync(`${registry}${part}`)) renameSync(`${registry}${part}`, `${aside}${part}`);
  return aside;
}

interface Checked {
  readonly runs: number;
  readonly ledgerEntries: number;
  readonly ledgerHash: string;
}

/** Whether the staged file is a whole registry of a format that this refit can read. `path`: the copy it was made from. */
function checkCopy(path: string, staged: string): Result<Checked, Failure> {
  const wrong = (reason: string): Result<never, Failure> => wrongCopy(path, reason);
  let db: Database.Database | undefined;
  try {
    db = new Database(staged, { readonly: true });
    const [page] = db.prepare<[], { integrity_check: string }>('PRAGMA integrity_check').all();
    if (page?.integrity_check !== 'ok') return wrong(page?.integrity_check ?? 'nothing');
    const format = Number(db.pragma('user_version', { simple: true }));
    if (format < 1) return wrong('another kind of database');
    if (format > MIGRATIONS.length) return wrong(`format ${format} of a newer refit`);
    const runs = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM run').get()?.n ?? 0;
    const hasLedger = db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'ledger_entry'").get() !== undefined;
    const last = hasLedger ? lastEntry(db) : undefined;
    return ok({ runs, ledgerEntries: last?.entries ?? 0, ledgerHash: last?.hash ?? '' });
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    return wrong(error.message);
  } finally {
    db?.close();
  }
}
