import { createHash, type Hash, hash } from 'node:crypto';
import type Database from 'better-sqlite3';

/** Adds the SQL functions `sha256(text)` and `sha256_rows(text)`, an aggregate over rows in order. Row seals use them. */
export function addSha256(db: Database.Database): void {
  db.function('sha256', { deterministic: true }, (text) => hash('sha256', String(text), 'hex'));
  db.aggregate<Hash>('sha256_rows', {
    start: () => createHash('sha256'),
    step: (sofar, row) => sofar.update(`${row}\n`),
    result: (sofar) => sofar.digest('hex'),
  });
}
