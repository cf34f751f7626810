import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { MIGRATIONS } from '../../src/registry/database/migrations/index.js';
import { createRig, type Document, type Rig } from '../support/rig.js';

const FOLDER = resolve(import.meta.dirname, '../fixtures/registry');

/**
 * One dump per released format: two runs of one pipeline and two versions of m; after a rollback the first one serves.
 * Made with the refit of that format: sqlite3 .refit/registry.db .dump
 */
const dumps = readdirSync(FOLDER).filter((name) => name.endsWith('.sql'));

function workspaceOf(dump: string): Rig {
  const rig = createRig();
  mkdirSync(join(rig.root, '.refit'));
  const db = new Database(join(rig.root, '.refit/registry.db'));
  db.exec(readFileSync(join(FOLDER, dump), 'utf8'));
  db.pragma('journal_mode = WAL');
  db.close();
  return rig;
}

it.each(dumps)('takes the rest of an interrupted copy of %s for no backup', async (dump) => {
  using rig = workspaceOf(dump);
  const path = `.refit/backup/registry-format-${/\d+/.exec(dump)?.[0]}.db`;
  rig.write({ [`${path}.part`]: 'the first half of a copy' });
  await rig.json(0, 'runs');
  const copy = new Database(join(rig.root, path), { readonly: true });
  expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(copy.prepare('SELECT count(*) AS n FROM run').get()).toEqual({ n: 2 });
  copy.close();
  expect(rig.list('.refit/backup').filter((name) => name.endsWith('.part'))).toEqual([]);
});

it('has at least one dump', () => expect(dumps.length).toBeGreaterThan(0));

it.each(dumps)('reads and continues from %s', async (dump) => {
  using rig = workspaceOf(dump);
  expect((await rig.json(0, 'runs')).runs.length).toBe(2);
  expect(rig.query('PRAGMA user_version')).toEqual([{ user_version: MIGRATIONS.length }]);
  // The refit that wrote it can still read the copy that was made before the change of format.
  const copy = new Database(join(rig.root, `.refit/backup/registry-format-${/\d+/.exec(dump)?.[0]}.db`));
  expect(copy.prepare('SELECT count(*) AS n FROM run').get()).toEqual({ n: 2 });
  copy.close();
  const { versions, moves } = await rig.json(0, 'models', 'm');
  expect(versions.map((one: Document) => one.champion)).toEqual([true, false]);
  expect(moves.map((one: Document) => one.kind)).toEqual(['promotion', 'promotion', 'rollback']);
  const why = await rig.json(0, 'why', 'm');
  expect(why.gate.verdict).toBe('pass');
  expect(why.steps.map((one: Document) => one.name)).toEqual(['prepare', 'train']);
  // Rows older than the seals were sealed by the migration.
  const { registry } = await rig.json(7, 'verify');
  expect(registry).toEqual([]);
  expect(rig.query("SELECT count(*) AS n FROM seal WHERE kind = 'gate_verdict'")).not.toEqual([{ n: 0 }]);
  // The ledger's hash chain covers the moves, so they have no seal.
  expect(rig.query("SELECT count(*) AS n FROM seal WHERE kind = 'alias_move'")).toEqual([{ n: 0 }]);
});
