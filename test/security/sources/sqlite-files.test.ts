import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { createRig } from '../../support/rig.js';
import { timed } from '../work/timed.js';

const PIPELINE = `pipeline: p
datasets: { rows: { source: sqlite, path: rows.db, query: "select * from t", checks: { rows: { min: 1 } } } }
steps: { s: { run: 'true', inputs: ["\${{ datasets.rows }}"], outputs: [o] } }
`;

function rigWithRows() {
  const rig = createRig({ 'pipelines/p.yaml': PIPELINE });
  const db = new Database(join(rig.root, 'rows.db'));
  db.exec('CREATE TABLE t (x INTEGER); INSERT INTO t VALUES (1)');
  db.close();
  return rig;
}

it.each(['-journal', '-wal', '-shm'])('waits for no pipe in the place of the %s of a database', async (ending) => {
  using rig = rigWithRows();
  execFileSync('mkfifo', [join(rig.root, `rows.db${ending}`)]);
  const read = await timed(rig, 'check-data', 'p', '--now', '2026-02-01');
  expect(read.exit).toBe(1);
  expect(read.text).toContain(`the file beside it that ends with ${ending} is not a regular file`);
  const imported = await timed(rig, 'import', 'rows.db');
  expect(imported.text).toContain(`the file beside it that ends with ${ending} is not a regular file`);
});

it.each(['-journal', '-wal', '-shm'])('follows no link in the place of the %s of a database', async (ending) => {
  using rig = rigWithRows();
  rig.link(`rows.db${ending}`, '/etc/passwd');
  const read = await timed(rig, 'check-data', 'p', '--now', '2026-02-01');
  expect(read.exit).toBe(1);
  expect(read.text).toContain('is not a regular file');
});
