import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { createDatabaseFile } from '../../src/platform/database-file.js';

const ASK = `const Database = require('better-sqlite3');
try { new Database(process.argv[1], { timeout: 0 }).exec('BEGIN EXCLUSIVE'); console.log('free'); }
catch (error) { console.log(error.code); }`;

it('keeps the locks that this process has on a database that is there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'refit-test-'));
  const path = join(folder, 'lock.db');
  const ask = (): string => execFileSync(process.execPath, ['-e', ASK, path], { encoding: 'utf8' }).trim();
  createDatabaseFile(path);
  const db = new Database(path);
  try {
    expect(ask()).toBe('free');
    db.exec('BEGIN EXCLUSIVE');
    createDatabaseFile(path);
    expect(ask()).toBe('SQLITE_BUSY');
  } finally {
    db.close();
    rmSync(folder, { recursive: true });
  }
});
