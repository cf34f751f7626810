import { renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, type Document, type Rig } from '../support/rig.js';

/** Not a whole second: those are taken for the times of a coarse file system, whose files are trusted later. */
const LONG_AGO = new Date('2026-01-01T00:00:00.500Z');
const PIPELINE = `pipeline: p
params: { x: 1, unused: 1 }
steps:
  a:
    run: echo $REFIT_STEP >> ran.txt; cat in.txt data/*.csv link.txt > a.txt; echo \${{ params.x }} >> a.txt
    inputs: [in.txt, "data/*.csv", link.txt, folder]
    outputs: [a.txt]
  b: { run: cp a.txt b.txt, inputs: [a.txt], outputs: [b.txt] }
`;

describe('what makes a step stale', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = createRig({
      'pipelines/p.yaml': PIPELINE,
      'in.txt': 'one',
      'data/1.csv': '1',
      'data/2.csv': '2',
      'folder/deep/x': 'x',
      'elsewhere/target.txt': 'target',
      'elsewhere/inner.txt': 'inner',
    });
    utimesSync(join(rig.root, 'in.txt'), LONG_AGO, LONG_AGO);
    rig.link('link.txt', 'elsewhere/target.txt');
    rig.link('folder/inner', '../elsewhere/inner.txt');
    await rig.json(0, 'run', 'p');
  });
  afterAll(() => rig[Symbol.dispose]());

  const planned = async (...args: readonly string[]): Promise<Document> =>
    (await rig.json(0, 'plan', 'p', ...args)).steps[0];
  const fresh = { action: 'skip', reasons: [] };
  const changed = (detail: string) => ({ action: 'run', reasons: [{ code: 'input-changed', detail }] });

  it('1 · an input is touched, its bytes are the same: fresh', async () => {
    const later = new Date(Date.now() + 60_000);
    for (const path of ['data/1.csv', 'folder/deep/x', 'elsewhere/target.txt'])
      utimesSync(join(rig.root, path), later, later);
    expect(await planned()).toMatchObject(fresh);
  });

  it('3 · an input is added, renamed, removed: stale, each time', async () => {
    rig.write({ 'data/3.csv': '3' });
    expect(await planned()).toMatchObject(changed('data/3.csv'));
    renameSync(join(rig.root, 'data/3.csv'), join(rig.root, 'folder/3.csv'));
    expect(await planned()).toMatchObject(changed('folder'));
    rig.remove('folder/3.csv');
    renameSync(join(rig.root, 'data/2.csv'), join(rig.root, 'data/4.csv'));
    const { action, reasons } = await planned();
    expect(action).toBe('run');
    expect(reasons.map((one: Document) => one.detail)).toEqual(['data/2.csv', 'data/4.csv']);
    rig.remove('data/4.csv');
    expect(await planned()).toMatchObject(changed('data/2.csv'));
    rig.write({ 'data/2.csv': '2' });
    expect(await planned()).toMatchObject(fresh);
  });

  it('4 · inputs, params and steps in another order: fresh', async () => {
    const [head = '', a = '', b = ''] = PIPELINE.split(/(?=^ {2}[ab]:)/m);
    const reordered = `${head.replace('{ x: 1, unused: 1 }', '{ unused: 1, x: 1 }')}${b}${a.replace(
      /inputs: .*/,
      'inputs: [folder, link.txt, "data/*.csv", in.txt]',
    )}`;
    rig.write({ 'pipelines/p.yaml': reordered });
    const { steps } = await rig.json(0, 'plan', 'p');
    rig.write({ 'pipelines/p.yaml': PIPELINE });
    expect(steps.map((one: Document) => one.action)).toEqual(['skip', 'skip']);
  });

  it('5 · the command or a param it uses changes: stale; a param it does not use: fresh', async () => {
    expect(await planned('--param', 'unused=2')).toMatchObject(fresh);
    expect(await planned('--param', 'x=2')).toMatchObject({
      action: 'run',
      reasons: [{ code: 'param-changed', detail: 'x', before: '1', after: '2' }],
    });
    rig.write({ 'pipelines/p.yaml': PIPELINE.replace('>> ran.txt;', '>> ran.txt &&') });
    const edited = await planned();
    rig.write({ 'pipelines/p.yaml': PIPELINE });
    expect(edited).toMatchObject({ action: 'run', reasons: [{ code: 'command-changed' }] });
  });

  it('6 · the target of a linked input changes: stale', async () => {
    rig.write({ 'elsewhere/target.txt': 'TARGET' });
    const stale = await planned();
    rig.write({ 'elsewhere/target.txt': 'target' });
    expect(stale).toMatchObject(changed('link.txt'));
  });

  it('6 · the target of a link inside an input folder changes: stale', async () => {
    rig.write({ 'elsewhere/inner.txt': 'INNER' });
    const stale = await planned();
    rig.write({ 'elsewhere/inner.txt': 'inner' });
    expect(stale).toMatchObject(changed('folder'));
  });

  it('bytes change, size and mtime are as before: stale, though the old hash is known by its stat', async () => {
    const known = (): readonly Document[] => {
      const db = new Database(join(rig.root, '.refit/cache.db'), { readonly: true });
      const rows = db.prepare<[], Document>("SELECT size FROM file_stat WHERE path = 'in.txt'").all();
      db.close();
      return rows;
    };
    // a file is known once its times lie far enough back
    while (known().length === 0) await rig.json(0, 'run', 'p');
    const path = join(rig.root, 'in.txt');
    expect(known()).toEqual([{ size: 'one'.length }]);
    writeFileSync(path, 'two');
    utimesSync(path, LONG_AGO, LONG_AGO);
    expect(statSync(path)).toMatchObject({ mtime: LONG_AGO, size: 'one'.length });
    expect(await planned()).toMatchObject(changed('in.txt'));
  });
});
