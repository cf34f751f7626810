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

/** Runs the step, calls `meanwhile` while it runs, and returns the JSON document. */
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

/** Expects that the tainted result is fresh neither for the old input nor for the new one. */
async function expectNeverFresh(rig: Rig, versions: readonly Readonly<Record<string, string>>[]): Promise<void> {
  for (const files of versions) {
    rig.write(files);
    expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('run');
  }
}

it('taints a run whose input is edited during a step: exit 1, outputs kept, fresh for neither version, no model', async () => {
  using rig = createRig(READER);
  const document = await runWhile(rig, 1, () => rig.write({ 'in.txt': 'after' }));
  expect(document).toMatchObject({ run: { tainted: true }, model_version: null });
  expect(rig.read('a.txt')).toBe('before');
  await expectNeverFresh(rig, [{ 'in.txt': 'after' }, { 'in.txt': 'before' }]);
  expect((await rig.json(0, 'models')).versions).toEqual([]);
  expect(await runWhile(rig, 0, () => undefined)).toMatchObject({ run: { tainted: false }, model_version: 'p@1' });
});

it('taints a run whose input is edited and put back during a step, because the step may have read the edited bytes', async () => {
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
  ['appears that matches a glob', (rig: Rig) => rig.write({ 'data/2.csv': '2' })],
  ['that matches a glob is deleted', (rig: Rig) => rig.remove('data/1.csv')],
  ['appears in a folder', (rig: Rig) => rig.write({ 'folder/y': 'y' })],
] as const)
  it(`taints a run when an input ${what} during a step`, async () => {
    using rig = createRig({ ...READER, 'data/0.csv': '0' });
    const document = await runWhile(rig, 1, () => meanwhile(rig));
    expect(document).toMatchObject({ run: { tainted: true }, model_version: null });
    expect(rig.read('a.txt')).toBe('before');
    rig.write(READER);
    rig.remove('data/2.csv');
    rig.remove('folder/y');
    expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('run');
  });

it('taints a run whose input is touched during a step: this looks the same as an edit that was put back', async () => {
  using rig = createRig(READER);
  const later = new Date(Date.now() + 5000);
  const document = await runWhile(rig, 1, () => utimesSync(join(rig.root, 'folder/x'), later, later));
  expect(document).toMatchObject({ run: { tainted: true }, model_version: null });
});

it('registers no model when an input of the first step changed, and gives the reason', async () => {
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
