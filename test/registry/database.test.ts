import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/registry/database/database.js';
import { MIGRATIONS } from '../../src/registry/database/migrations/index.js';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'refit-database-'));
  path = join(folder, '.refit/registry.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(mode: 'read' | 'write' = 'write'): Database.Database {
  const opened = openDatabase(path, mode);
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  return opened.value;
}
const FULL = 2;

it.each(['write', 'read'] as const)(
  'sets synchronous FULL, foreign keys and WAL on every connection opened to %s',
  (mode) => {
    // The first connection creates the file. On an existing WAL file the driver's default would be synchronous NORMAL.
    for (const db of [open(), open(mode), open(mode)]) {
      const pragma = (name: string) => db.pragma(name, { simple: true });
      expect([pragma('synchronous'), pragma('foreign_keys'), pragma('journal_mode')]).toEqual([FULL, 1, 'wal']);
      db.close();
    }
  },
);

it('has only STRICT tables', () => {
  const db = open();
  const loose = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%STRICT%'";
  expect(db.prepare(loose).all()).toEqual([]);
  db.close();
});

it('rejects a row that refers to a missing row', () => {
  const db = open();
  const dangling = "INSERT INTO publish_intent_end VALUES (99, 'done', NULL, '2026-01-01T00:00:00.000Z')";
  expect(() => db.exec(dangling)).toThrow('FOREIGN KEY constraint failed');
  db.close();
});

describe('a registry of another format', () => {
  const withVersion = (version: number): void => {
    open().close();
    const db = new Database(path);
    db.pragma(`user_version = ${version}`);
    db.close();
  };

  it.each([
    ['one format', MIGRATIONS.length + 1],
    ['many formats', 999],
  ])('is refused with a clear reason when it is %s newer', (_, version) => {
    withVersion(version);
    for (const mode of ['write', 'read'] as const)
      expect(openDatabase(path, mode)).toMatchObject({
        ok: false,
        error: {
          code: 'registry-unusable',
          path,
          reason: `it was written by a newer refit (format ${version}, this one knows ${MIGRATIONS.length})`,
        },
      });
    const db = new Database(path);
    expect(db.pragma('user_version', { simple: true })).toBe(version);
    db.close();
  });

  it('is opened when it is the newest format that this refit knows', () => {
    withVersion(MIGRATIONS.length);
    open().close();
  });
});
