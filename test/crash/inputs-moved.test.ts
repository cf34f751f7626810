import { statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRig, type Document, type Rig } from '../support/rig.js';
import { STEERED } from '../support/steering.js';

const READER: Readonly<Record<string, string>> = {
  'pipelines/p.yaml': `pipeline: p
steps:
  a: { run: ${STEERED}, inputs: [in.txt, "data/*.csv", folder], outputs: [a.txt] }
model: a.txt
`,
  'in.txt': 'before',
  'data/1.csv': '1',
  'folder/x': 'x',
};

/** Runs the step, lets `meanwhile` happen while it runs, and gives the document. */
async function runWhile(rig: Rig, exit: number, meanwhile: () => void): Promise<Document> {
  const running = rig.start('run', 'p', '--json');
  const a = await rig.started('a');
  await a.write('a.txt', rig.read('in.txt'));
  meanwhile();
  await a.exit(0);
  const ended = await running.ended;
  expect(ended.exit, ended.stderr).toBe(exit);
  return JSON.parse(ended.stdout);
}

/** Nothing of the tainted result is remembered: neither for what the input was nor for what it is. */
async function expectNeverFresh(rig: Rig, versions: readonly Readonly<Record<string, string>>[]): Promise<void> {
  for (const files of versions) {
    rig.write(files);
    expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('run');
  }
}

it('C · an input is edited while the step runs: tainted, exit 1, outputs kept, fresh for neither version, no model', async () => {
  using rig = createRig(READER);
  const document = await runWhile(rig, 1, () => rig.write({ 'in.txt': 'after' }));
  expect(document).toMatchObject({ run: { tainted: true }, model_version: null });
  expect(rig.read('a.txt')).toBe('before');
  await expectNeverFresh(rig, [{ 'in.txt': 'after' }, { 'in.txt': 'before' }]);
  expect((await rig.json(0, 'models')).versions).toEqual([]);
  expect(await runWhile(rig, 0, () => undefined)).toMatchObject({ run: { tainted: false }, model_version: 'p@1' });
});

it('C · an input is edited and put back while the step runs: tainted, for the step may have read the other', async () => {
  using rig = createRig(READER);
  const path = join(rig.root, 'in.txt');
  const { atime, mtime } = statSync(path);
  const document = await runWhile(rig, 1, () => {
    writeFileSync(path, 'other!');
    writeFileSync(path, 'before');
    utimesSync(path, atime, mtime);
  });
  expect(document).toMatchObject({ run: { tainted: true }, model_version: null });
  await expectNeverFresh(rig, [{ 'in.txt': 'before' }]);
});

for (const [what, meanwhile] of [
  ['is deleted', (rig: Rig) => rig.remove('in.txt')],
  ['appears among those of a glob', (rig: Rig) => rig.write({ 'data/2.csv': '2' })],
  ['vanishes from those of a glob', (rig: Rig) => rig.remove('data/1.csv')],
  ['appears in a folder', (rig: Rig) => rig.write({ 'folder/y': 'y' })],
] as const)
  it(`C · an input ${what} while the step runs: tainted`, async () => {
    using rig = createRig({ ...READER, 'data/0.csv': '0' });
    const document = await runWhile(rig, 1, () => meanwhile(rig));
    expect(document).toMatchObject({ run: { tainted: true }, model_version: null });
    expect(rig.read('a.txt')).toBe('before');
    rig.write(READER);
    rig.remove('data/2.csv');
    rig.remove('folder/y');
    expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('run');
  });

it('C · a touch while the step runs taints too: it cannot be told from an edit that was put back', async () => {
  using rig = createRig(READER);
  const later = new Date(Date.now() + 5000);
  const document = await runWhile(rig, 1, () => utimesSync(join(rig.root, 'folder/x'), later, later));
  expect(document).toMatchObject({ run: { tainted: true }, model_version: null });
});

it('C · an input moved under the first step: what follows is not registered either, and says why', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
steps:
  a: { run: ${STEERED}, inputs: [in.txt], outputs: [a.txt] }
  train: { run: cp a.txt m.txt, inputs: [a.txt], outputs: [m.txt] }
model: m.txt
`,
    'in.txt': 'before',
  });
  const running = rig.start('run', 'p');
  const a = await rig.started('a');
  await a.write('a.txt', 'of before');
  rig.write({ 'in.txt': 'after' });
  await a.exit(0);
  const ended = await running.ended;
  expect(ended.exit).toBe(1);
  expect(ended.stderr + ended.stdout).toContain('tainted');
  expect(ended.stderr).toContain('in.txt');
  expect((await rig.json(0, 'models')).versions).toEqual([]);
});
