import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.js';

const FILES = 20;
/** A folder of twenty files with contents that no other generation has. */
const writeTree = (generation: number): string => `mkdir -p out/deep
for i in $(seq 1 ${FILES}); do echo "${generation} $i" > out/deep/$i; done
`;

const expectTree = (rig: Rig, generation: number): void => {
  expect(rig.list('out/deep')).toHaveLength(FILES);
  for (let i = 1; i <= FILES; i++) expect(rig.read(`out/deep/${i}`)).toBe(`${generation} ${i}\n`);
};

/** Counts objects of the store whose content matches their name, and lists those that do not match. */
function objects(rig: Rig): { readonly good: number; readonly wrong: readonly string[] } {
  const paths = existsSync(join(rig.root, '.refit/store')) ? rig.files('.refit/store') : [];
  const wrong = paths.filter((path) => {
    const [hash] = /[0-9a-f]{2}\/[0-9a-f]{62}(?=\.dir$|$)/.exec(path) ?? [];
    if (hash === undefined) return false;
    return (
      createHash('sha256')
        .update(readFileSync(join(rig.root, path)))
        .digest('hex') !== hash.replace('/', '')
    );
  });
  return { good: paths.length - wrong.length, wrong };
}

const countObjects = (rig: Rig): number =>
  existsSync(join(rig.root, '.refit/store'))
    ? rig.files('.refit/store').filter((path) => !path.includes('/.')).length
    : 0;

const TREE = 'pipeline: p\nsteps:\n  a: { run: sh tree.sh, inputs: [tree.sh], outputs: [out] }\n';

/** Starts a run and kills it when `isTime` returns true. Returns false if the run ended first. */
async function killWhen(rig: Rig, isTime: () => boolean): Promise<boolean> {
  const running = rig.start('run', 'p');
  let isOver = false;
  void running.ended.then(() => {
    isOver = true;
  });
  while (!isOver && !isTime()) await delay(1);
  running.kill('SIGKILL');
  return (await running.ended).exit !== 0;
}

it('keeps the store intact when killed at each of 20 points of saving outputs, and the next run succeeds', async () => {
  using rig = createRig({ 'pipelines/p.yaml': TREE, 'tree.sh': writeTree(0) });
  await rig.json(0, 'run', 'p');
  let killed = 0;
  for (let point = 1; point <= 20; point++) {
    rig.write({ 'tree.sh': writeTree(point) });
    rig.remove('.refit/store');
    if (await killWhen(rig, () => countObjects(rig) >= point)) killed++;
    expect(objects(rig).wrong).toEqual([]);
    // After the other points, the next crash meets the state that this one left.
    if (point % 4 !== 0) continue;
    await rig.json(0, 'run', 'p');
    expectTree(rig, point);
    rig.remove('out');
  }
  expect(killed).toBeGreaterThan(10);
  expect((await rig.json(0, 'run', 'p')).run.steps[0].status).toBe('restored');
  expectTree(rig, 20);
}, 300_000);

it('removes partial files of a killed save in later runs', async () => {
  using rig = createRig({ 'pipelines/p.yaml': TREE, 'tree.sh': writeTree(0) });
  const halves = (): readonly string[] =>
    existsSync(join(rig.root, '.refit'))
      ? rig
          .files('.refit')
          .filter((path) => path.startsWith('.refit/tmp/') || (path.includes('/.') && path !== '.refit/.gitignore'))
      : [];
  for (let tries = 0; tries < 5 && halves().length === 0; tries++) {
    rig.write({ 'tree.sh': writeTree(tries) });
    await killWhen(rig, () => halves().some((path) => path.startsWith('.refit/store/')));
  }
  expect(halves()).not.toEqual([]);
  await rig.json(0, 'run', 'p');
  expect(halves()).toEqual([]);
});

const ONE: Readonly<Record<string, string>> = {
  'pipelines/p.yaml': `pipeline: p
steps:
  a:
    run: echo a >> ran.txt; mkdir -p out/deep; echo alone > one.txt; echo 1 > out/deep/1; echo 2 > out/2
    inputs: []
    outputs: [one.txt, out]
`,
};

/** Flips one bit in the middle of a stored object. */
function flip(path: string): void {
  const bytes = readFileSync(path);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  chmodSync(path, 0o644);
  writeFileSync(path, bytes);
  chmodSync(path, 0o444);
}

const storedAs = (rig: Rig, match: (text: string, path: string) => boolean): string => {
  const path = rig.files('.refit/store').find((one) => match(rig.read(one), one));
  if (path === undefined) throw new Error('no such object');
  return join(rig.root, path);
};

for (const [what, match] of [
  ['a stored file', (text: string) => text === 'alone\n'],
  ['a file of a stored folder', (text: string) => text === '1\n'],
  ["a stored folder's list", (text: string) => text.includes('deep/1')],
] as const)
  it(`detects and reports a flipped bit in ${what}, runs the step again and repairs the store`, async () => {
    using rig = createRig(ONE);
    await rig.json(0, 'run', 'p');
    flip(storedAs(rig, match));
    for (const path of ['one.txt', 'out']) rig.remove(path);
    const ended = await rig.refit('run', 'p', '--json');
    expect(ended.exit).toBe(0);
    expect(ended.stderr).toContain('damaged');
    expect(JSON.parse(ended.stdout).run.steps[0].status).toBe('succeeded');
    expect([rig.read('one.txt'), rig.read('out/deep/1'), rig.read('out/2')]).toEqual(['alone\n', '1\n', '2\n']);
    for (const path of ['one.txt', 'out']) rig.remove(path);
    expect((await rig.json(0, 'run', 'p')).run.steps[0].status).toBe('restored');
    expect([rig.read('one.txt'), rig.read('out/deep/1'), rig.read('out/2')]).toEqual(['alone\n', '1\n', '2\n']);
    expect(rig.read('ran.txt')).toBe('a\na\n');
    expect(objects(rig).wrong).toEqual([]);
  });

it('runs the step again when a file of a stored folder is missing', async () => {
  using rig = createRig(ONE);
  await rig.json(0, 'run', 'p');
  rig.remove(storedAs(rig, (text) => text === '2\n').slice(rig.root.length + 1));
  rig.remove('out');
  const { run } = await rig.json(0, 'run', 'p');
  expect(run.steps[0].status).toBe('succeeded');
  expect(rig.read('out/2')).toBe('2\n');
});

it('keeps a step fresh when only the stored copy of its output is damaged', async () => {
  using rig = createRig(ONE);
  await rig.json(0, 'run', 'p');
  flip(storedAs(rig, (text) => text === 'alone\n'));
  expect((await rig.json(0, 'run', 'p')).run.steps[0].status).toBe('skipped');
});
