import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRig, type Document, type Rig } from '../support/rig.js';
import { STEERED } from '../support/steering.js';

/** Two steps, a folder output, a folder input and a published model. */
const PIPELINE = `
pipeline: p
steps:
  prepare:
    run: mkdir -p work/parts && cat data/* > work/parts/all.txt && wc -c < work/parts/all.txt > work/parts/size.txt
    inputs: [data]
    outputs: [work/parts]
  train:
    run: cp work/parts/all.txt work/model.txt && printf '{"auc":0.7}' > work/train.json
    inputs: [work/parts]
    outputs: [work/model.txt]
    metrics: work/train.json
model:
  name: m
  path: work/model.txt
  evaluate: { run: "cp score.json \${{ evaluation.path }}", inputs: [score.json] }
  gate: [auc >= 0.6]
  publish: { path: serving/m, keep: 2 }
retrain: weekly
`;

let rig: Rig;

beforeEach(() => {
  rig = createRig({
    'pipelines/p.yaml': PIPELINE,
    'score.json': '{"auc":0.7}',
    'data/a.csv': 'one\n',
    'data/b.csv': 'two\n',
  });
});
afterEach(() => rig[Symbol.dispose]());

const retrain = () => rig.json(0, 'retrain', 'p', '--force');

async function retrainOn(content: string): Promise<Document> {
  rig.write({ 'data/a.csv': content });
  return retrain();
}

const objects = (): readonly string[] =>
  rig.files('.refit/store').filter((path) => /store\/[0-9a-f]{2}\/[0-9a-f]{62}/.test(path));

/** Changes a stored file without refit, even a read-only one, and returns a function that restores it. */
function spoil(path: string, change: (bytes: Buffer) => Buffer | undefined): () => void {
  const full = join(rig.root, path);
  const before = readFileSync(full);
  const put = (bytes: Buffer | undefined): void => {
    rig.remove(path);
    if (bytes !== undefined) writeFileSync(full, bytes, { mode: 0o444 });
  };
  put(change(Buffer.from(before)));
  return () => put(before);
}

const nameOf = (path: string): string => path.replace(/^.*store\/|\/|\.(dir|list)$/g, '');

describe('verify', () => {
  it('names every object with a flipped byte and every deleted object, and what depends on it', async () => {
    const { run } = await retrain();
    expect((await rig.json(0, 'verify')).whole).toBe(true);
    expect(objects().length).toBeGreaterThan(4);
    for (const path of objects())
      for (const how of ['first', 'last', 'cut', 'gone'] as const) {
        const mend = spoil(path, (bytes) => {
          if (how === 'gone') return undefined;
          if (how === 'cut') return bytes.subarray(0, bytes.length - 1);
          bytes.writeUInt8(
            bytes.readUInt8(how === 'first' ? 0 : bytes.length - 1) ^ 1,
            how === 'first' ? 0 : bytes.length - 1,
          );
          return bytes;
        });
        for (const options of [[], ['--fast']]) {
          // Nothing needs the list of names in a folder that was only read, so its loss is not damage.
          if (how === 'gone' && path.endsWith('.list')) continue;
          const { whole, damaged } = await rig.json(7, 'verify', ...options);
          expect(whole).toBe(false);
          const found = damaged.find((one: Document) => one.object === nameOf(path));
          expect(found, `${how} ${path}`).toMatchObject({ state: how === 'gone' ? 'missing' : 'damaged' });
          expect(found.runs).toEqual([run.id]);
          expect(found.models).toEqual(['m@1']);
        }
        mend();
      }
    expect((await rig.json(0, 'verify')).whole).toBe(true);
  }, 300_000);

  it('does not take the list of names in a folder for the folder itself', async () => {
    await retrain();
    const folder = objects().find((path) => path.endsWith('.dir')) ?? '';
    copyFileSync(join(rig.root, folder), join(rig.root, folder.replace(/dir$/, 'list')));
    rig.remove(folder);
    const { damaged } = await rig.json(7, 'verify');
    expect(damaged.map((one: Document) => [one.object, one.state])).toEqual([[nameOf(folder), 'missing']]);
  });

  it('checks one artifact by model, path or hash', async () => {
    await retrain();
    const [model] = rig.query('SELECT hash FROM model_version');
    const mend = spoil(`.refit/store/${model.hash.slice(0, 2)}/${model.hash.slice(2)}`, () => Buffer.from('x'));
    for (const name of ['m@1', 'work/model.txt', model.hash.slice(0, 12)])
      expect((await rig.json(7, 'verify', name)).damaged[0].object).toBe(model.hash);
    mend();
    expect((await rig.json(0, 'verify', 'work/parts')).checked.objects).toBeGreaterThanOrEqual(3);
  });

  it('finds a row that was changed or deleted', async () => {
    const { run } = await retrain();
    for (const [sql, what] of [
      ["UPDATE alias_move SET reason = 'nobody knows'", 'entry-changed'],
      ['UPDATE metric SET value = 0.9', `run ${run.id}`],
      ["UPDATE definition SET text = text || ' '", 'definition'],
      ['DELETE FROM decision_outcome', 'decision_outcome'],
    ] as const) {
      copyFileSync(join(rig.root, '.refit/registry.db'), join(rig.root, 'kept.db'));
      rig.update(sql);
      const { registry } = await rig.json(7, 'verify');
      expect(registry.map((one: Document) => one.what).join('\n')).toContain(what);
      rig.remove('.refit/registry.db');
      copyFileSync(join(rig.root, 'kept.db'), join(rig.root, '.refit/registry.db'));
    }
    expect((await rig.json(0, 'verify')).whole).toBe(true);
  });

  it('finds every row that refers to a missing row, also a single one', async () => {
    await retrain();
    const broken = async (sql: string): Promise<readonly Document[]> => {
      copyFileSync(join(rig.root, '.refit/registry.db'), join(rig.root, 'kept.db'));
      rig.update(`PRAGMA foreign_keys = OFF; ${sql}`);
      const { registry } = await rig.json(7, 'verify');
      rig.remove('.refit/registry.db');
      copyFileSync(join(rig.root, 'kept.db'), join(rig.root, '.refit/registry.db'));
      return registry.filter((one: Document) => one.detail.startsWith('refers to'));
    };
    const link = (table: string, id: number, parent: string) => ({
      what: `${table} ${id}`,
      detail: `refers to a row of ${parent} that is gone`,
    });
    expect(await broken('UPDATE attempt SET execution = 999 WHERE id = 1')).toEqual([
      link('attempt', 1, 'step_execution'),
    ]);
    expect(await broken("UPDATE evaluation SET run = 'r-gone'")).toEqual([link('evaluation', 1, 'run')]);
    const [artifact] = rig.query(
      'SELECT artifact AS id, count(*) AS links FROM lineage GROUP BY artifact ORDER BY count(*) DESC',
    );
    expect(artifact.links).toBeGreaterThan(1);
    // This table has no row numbers, so every broken link is reported without a number.
    expect(await broken(`DELETE FROM artifact WHERE id = ${artifact.id}`)).toEqual(
      Array.from({ length: artifact.links }, () => ({
        what: 'lineage',
        detail: 'refers to a row of artifact that is gone',
      })),
    );
    expect((await rig.json(0, 'verify')).whole).toBe(true);
  });

  it('finds a published file that differs from the registered one', async () => {
    await retrain();
    rig.write({ 'serving/m/current/model.txt': 'tampered' });
    const { published } = await rig.json(7, 'verify');
    expect(published).toEqual([
      { model: 'm@1', path: expect.stringMatching(/^serving\/m\/versions\/1-.*model\.txt$/) },
    ]);
  });
});

describe('doctor', () => {
  it('finds nothing in a healthy workspace', async () => {
    await retrain();
    expect(await rig.json(0, 'doctor')).toMatchObject({ healthy: true, problems: [] });
  });

  it('explains, then repairs a lost run, a dangling link, a leftover stage and a lost object', async () => {
    await retrain();
    const [version] = rig.query('SELECT hash FROM model_version');
    rig.update("UPDATE run SET status = 'running', finished_at = NULL; DELETE FROM seal WHERE kind = 'run'");
    rig.link('serving/m/current', 'versions/9-gone');
    rig.write({ 'serving/m/versions/.staging-2-abc/model.txt': 'half' });
    rig.remove(`.refit/store/${version.hash.slice(0, 2)}`);
    const before = await rig.json(7, 'doctor');
    const codes = before.problems.map((one: Document) => one.code);
    for (const code of ['lost-run', 'not-served', 'half-published', 'object-missing']) expect(codes).toContain(code);
    expect(before.problems.every((one: Document) => !one.repaired)).toBe(true);
    expect(rig.has('serving/m/versions/.staging-2-abc')).toBe(true);
    const after = await rig.json(0, 'doctor', '--repair');
    expect(after.problems.every((one: Document) => one.repaired)).toBe(true);
    expect(rig.read('serving/m/current/model.txt')).toBe('one\ntwo\n');
    expect(rig.has('serving/m/versions/.staging-2-abc')).toBe(false);
    expect(rig.query('SELECT status FROM run')).toEqual([{ status: 'lost' }]);
    expect((await rig.json(0, 'verify', 'm@1')).whole).toBe(true);
  });

  it('restores a damaged object from the workspace', async () => {
    await retrain();
    const [version] = rig.query('SELECT hash FROM model_version');
    spoil(`.refit/store/${version.hash.slice(0, 2)}/${version.hash.slice(2)}`, (bytes) => bytes.fill(0));
    await rig.json(7, 'doctor');
    await rig.json(0, 'doctor', '--repair');
    expect((await rig.json(0, 'verify')).whole).toBe(true);
  });
});

describe('gc', () => {
  it('reports first, then removes what nothing needs; keeps the champion and rollback targets', async () => {
    for (const content of ['1\n', '2\n', '3\n', '4\n', '5\n']) await retrainOn(content);
    await rig.json(0, 'rollback', 'm', '--reason', 'test');
    const before = objects();
    const told = await rig.json(0, 'gc', '--versions', '1', '--days', '0', '--keep', 'm@1');
    expect(told.applied).toBe(false);
    expect(objects()).toEqual(before);
    expect(told.kept.versions.map((one: Document) => one.name).sort()).toEqual(['m@1', 'm@3', 'm@4', 'm@5']);
    expect(told.removed.versions).toEqual(['m@2']);
    const done = await rig.json(0, 'gc', '--versions', '1', '--days', '0', '--keep', 'm@1', '--apply');
    expect(done.removed).toEqual(told.removed);
    expect(objects().length).toBe(before.length - done.removed.objects);
    // Objects that gc removed are not damage, and the kept ones are intact.
    expect((await rig.json(0, 'verify')).whole).toBe(true);
    await rig.json(0, 'rollback', 'm', '--to', '1', '--reason', 'kept by name');
    expect(rig.read('serving/m/current/model.txt')).toBe('1\ntwo\n');
    expect((await rig.refit('rollback', 'm', '--to', '2', '--reason', 'gone')).exit).toBe(5);
    expect(rig.read('serving/m/current/model.txt')).toBe('1\ntwo\n');
  });

  it('reads the retention of refit.yaml and keeps what an unfinished publication needs', async () => {
    for (const content of ['1\n', '2\n', '3\n', '4\n']) await retrainOn(content);
    rig.write({ 'refit.yaml': 'retention: { versions: 1, days: 0 }\n' });
    rig.update(`INSERT INTO publish_intent(model, alias, expected_generation, move_json, publish_path, folder, opened_at)
      SELECT model, alias, expected_generation + 9, move_json, publish_path, folder, opened_at FROM publish_intent WHERE id = 1`);
    const { kept, removed } = await rig.json(0, 'gc');
    expect(kept.versions).toContainEqual({ name: 'm@1', because: 'its publication is not finished' });
    expect(removed.versions).toEqual(['m@2']);
  });

  it('removes stats of missing files and logs of runs that are not kept', async () => {
    for (const content of ['1\n', '2\n', '3\n', '4\n']) await retrainOn(content);
    const logs = rig.list('.refit/logs').length;
    rig.remove('data/b.csv');
    const done = await rig.json(0, 'gc', '--versions', '1', '--days', '0', '--apply');
    expect(done.removed.logs.length).toBeGreaterThan(0);
    expect(rig.list('.refit/logs').length).toBe(logs - done.removed.logs.length);
    expect(done.removed.cache_rows).toBeGreaterThan(0);
    expect((await rig.json(0, 'gc', '--versions', '1', '--days', '0')).removed).toMatchObject({
      objects: 0,
      cache_rows: 0,
    });
  });

  it('removes the workspaces of old backtests, and keeps those within the retention time', async () => {
    await retrain();
    rig.write({ '.refit/backtest/m/.refit/store/tmp/x': 'x' });
    expect((await rig.json(0, 'gc', '--days', '1', '--apply')).removed.backtests).toEqual([]);
    expect((await rig.json(0, 'gc', '--days', '0')).removed.backtests).toEqual(['m']);
    expect(rig.list('.refit/backtest')).toEqual(['m']);
    expect((await rig.refit('gc', '--days', '0', '--apply')).stdout).toContain('old backtests of m');
    expect(rig.list('.refit/backtest')).toEqual([]);
  });

  it('keeps each profile once, thins profiles of runs that are gone, and gives the space back', async () => {
    const columns = Array.from({ length: 12 }, (_, k) => k);
    const sales = (n: number): string =>
      `${columns.map((k) => `size${k}`)}\n${Array.from({ length: 400 }, (_, i) => `${columns.map((k) => (i * (37 + k) + n) % 401)}\n`).join('')}`;
    rig.write({
      'pipelines/p.yaml': `pipeline: p
datasets: { rows: { path: "sales/*.csv" } }
steps:
  train: { run: "mkdir -p work; cat sales/*.csv > work/rows.csv; cp work/rows.csv work/model.txt", inputs: ["\${{ datasets.rows }}"], outputs: [work/rows.csv, work/model.txt] }
model: { name: m, path: work/model.txt, first: accept, gate: [{ smoke: "true" }] }
monitor: { reference: work/rows.csv, current: { dataset: rows } }
retrain: weekly
`,
    });
    for (let n = 1; n <= 6; n++) {
      rig.write({ 'sales/a.csv': sales(n) });
      await rig.json(0, 'retrain', 'p', '--force');
    }
    const count = (table: string): number => rig.query(`SELECT count(*) AS n FROM ${table}`)[0].n;
    // The reference artifact and the raw window of a run are the same rows: two uses of one text.
    expect(count("table_profile WHERE kind = 'dataset-window'")).toBe(6);
    expect(count('profile_text')).toBeLessThan(count('table_profile') + count('window_profile'));
    const size = (): number => statSync(join(rig.root, '.refit/registry.db')).size;
    await rig.json(0, 'runs');
    const before = size();
    // While a pipeline file is invalid nobody knows which datasets it reads, so no profile is thinned.
    const valid = rig.read('pipelines/p.yaml');
    for (const broken of [
      'pipeline: p\nsteps: [\n',
      valid
        .replace('datasets: { rows:', 'datasets: { rows: ')
        .replace('current: { dataset: rows }', 'current: { dataset: ruws }'),
    ]) {
      rig.write({ 'pipelines/p.yaml': broken });
      const kept = await rig.json(0, 'gc', '--versions', '1', '--days', '0');
      expect(kept.removed.profiles).toBe(0);
    }
    rig.write({ 'pipelines/p.yaml': valid });
    const told = await rig.json(0, 'gc', '--versions', '1', '--days', '0');
    expect(told.removed.profiles).toBeGreaterThan(4);
    const done = await rig.json(0, 'gc', '--versions', '1', '--days', '0', '--apply');
    expect(done.removed.profiles).toBe(told.removed.profiles);
    expect(done.removed.registry_bytes).toBeGreaterThan(0);
    expect(size()).toBeLessThan(before);
    expect(count("table_profile WHERE kind = 'dataset-window'")).toBeLessThan(6);
    expect((await rig.json(0, 'verify')).whole).toBe(true);
    // What serves is still compared with its own data.
    expect((await rig.json(0, 'check-drift', 'p')).verdict).toBe('stable');
  });

  it('refuses an unknown version, and does not wait for a running pipeline', async () => {
    await retrain();
    expect((await rig.refit('gc', '--keep', 'm@9')).exit).toBe(2);
    rig.write({ 'pipelines/q.yaml': `pipeline: q\nsteps:\n  a: { run: '${STEERED}' }\n` });
    const running = rig.start('run', 'q');
    const step = await rig.started('a');
    expect((await rig.refit('gc', '--apply')).exit).toBe(6);
    await step.exit(0);
    expect((await running.ended).exit).toBe(0);
  });
});

describe('registry backup', () => {
  it('is consistent while a run writes, and a single file', async () => {
    await retrain();
    rig.write({ 'pipelines/q.yaml': `pipeline: q\nsteps:\n  a: { run: '${STEERED}' }\n` });
    const running = rig.start('run', 'q');
    const step = await rig.started('a');
    const { path, runs } = await rig.json(0, 'registry', 'backup', 'copy.db');
    await step.exit(0);
    await running.ended;
    expect([path, runs]).toEqual(['copy.db', 2]);
    expect(rig.list('.').filter((name) => name.startsWith('copy.db'))).toEqual(['copy.db']);
    const db = new Database(join(rig.root, 'copy.db'), { readonly: true });
    expect(db.prepare('SELECT count(*) AS n FROM model_version').get()).toEqual({ n: 1 });
    db.close();
    expect((await rig.refit('registry', 'backup', 'copy.db')).exit).toBe(1);
  });
});

describe('impact', () => {
  it('shows which models a file in a folder reached, and when they served', async () => {
    await retrainOn('1\n');
    const first = await rig.json(0, 'impact', 'data/a.csv');
    expect(first.versions.map((one: Document) => one.version)).toEqual([1]);
    await retrainOn('2\n');
    // The other file went into both versions.
    const both = await rig.json(0, 'impact', 'data/b.csv');
    expect(both.versions.map((one: Document) => one.version)).toEqual([1, 2]);
    expect(both.runs.length).toBe(2);
    expect(both.served).toEqual([
      { model: 'm', version: 1, since: expect.any(String), until: expect.any(String) },
      { model: 'm', version: 2, since: both.served[0].until, until: null },
    ]);
    expect((await rig.json(0, 'impact', 'data/a.csv')).versions.map((one: Document) => one.version)).toEqual([2]);
    expect((await rig.refit('impact', 'nothing.csv')).exit).toBe(2);
  });
});
