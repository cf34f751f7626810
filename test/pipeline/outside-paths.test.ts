import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.js';

const pipeline = (step: string, dataset = 'd.csv'): string =>
  `pipeline: p\nsteps:\n  a: { ${step} }\ndatasets: { d: { path: ${JSON.stringify(dataset)} } }\n`;

const COPY = "run: 'cp d.csv m.csv', inputs: [d.csv], outputs: [m.csv]";
const DATA = 'x,y\n1,2\n';

/** Codes of the diagnostics, sorted. */
const codes = async (rig: Rig): Promise<readonly string[]> => {
  const { stdout } = await rig.refit('validate', 'p', '--json');
  const { files } = JSON.parse(stdout);
  return files.flatMap((one: { diagnostics: { code: string }[] }) => one.diagnostics.map(({ code }) => code)).sort();
};

describe('data outside the workspace', () => {
  it.each([
    ['../far/d.csv', 'ln -s ../far far', 'roots: [../far]', '"far/d.csv"'],
    ['/no/lake/2026/**/*.csv', 'ln -s /no/lake/2026 2026', 'roots: [/no/lake/2026]', '"2026/**/*.csv"'],
    ['../../far/*/d.csv', 'ln -s ../../far far', 'roots: [../../far]', '"far/*/d.csv"'],
  ])('at %s is refused with the commands that allow it', async (path, ...parts) => {
    using rig = createRig({ 'pipelines/p.yaml': pipeline(COPY, path), 'd.csv': DATA });
    const { exit, stderr } = await rig.refit('validate', 'p');
    expect(exit).toBe(2);
    for (const part of parts) expect(stderr).toContain(part);
  });

  it('behind a link is a warning of validate until refit.yaml allows it, as check-data finds it', async () => {
    using far = createRig({ 'd.csv': DATA });
    using rig = createRig({ 'pipelines/p.yaml': pipeline(COPY, 'far/*.csv'), 'd.csv': DATA });
    rig.link('far', far.root);
    expect(await codes(rig)).toContain('data-outside-workspace');
    const { exit, stderr } = await rig.refit('validate', 'p');
    expect(exit).toBe(0);
    expect(stderr).toContain(`roots: [${far.root}]`);
    expect((await rig.refit('check-data', 'p')).exit).toBe(4);
    rig.write({ 'refit.yaml': `roots: [${far.root}]\n` });
    expect(await codes(rig)).toEqual([]);
    expect((await rig.refit('check-data', 'p')).exit).toBe(0);
  });
});

it('accepts absolute paths inside a root that refit.yaml allows, through its link, and records them relative to it', async () => {
  using far = createRig({ 'd.csv': DATA, 'deep/e.csv': DATA });
  const step = `run: 'cp "${far.root}/d.csv" m.csv', inputs: ["${far.root}/d.csv"], outputs: [m.csv]`;
  using rig = createRig({ 'pipelines/p.yaml': pipeline(step, `${far.root}/**/*.csv`) });
  const validated = async () => (await rig.refit('validate', 'p')).stderr;
  expect(await validated()).toContain(`roots: [${far.root}]`);
  rig.write({ 'refit.yaml': `roots: [${far.root}]\n` });
  // allowed already: only the link is missing
  expect(await validated()).toContain(`ln -s ${far.root} `);
  expect(await validated()).not.toContain('refit.yaml');
  rig.link('far', far.root);
  expect(await codes(rig)).toEqual([]);
  expect((await rig.json(0, 'run', 'p')).run.steps[0].status).toBe('succeeded');
  expect(rig.query("SELECT path FROM lineage WHERE path LIKE 'far/%'")).toEqual([{ path: 'far/d.csv' }]);
  expect(rig.query("SELECT count(*) AS n FROM lineage WHERE path LIKE '/%'")).toEqual([{ n: 0 }]);
  expect((await rig.json(0, 'check-data', 'p')).verdict).not.toBe('failed');
  expect(await rig.json(0, 'reproduce', 'latest')).toMatchObject({ verdict: 'same' });
  far.write({ 'd.csv': `${DATA}3,4\n` });
  expect((await rig.refit('plan', 'p')).stdout).toContain('input-changed');
});

it('resolves `..` in an absolute path before it finds the link, so that no file of the workspace is read in its place', async () => {
  using far = createRig({ 'e.csv': 'far\n', 'deep/e.csv': 'deep\n' });
  const step = (path: string): string => `run: cp e.csv m.csv, inputs: [e.csv, "${path}"], outputs: [m.csv]`;
  using rig = createRig({ 'e.csv': 'own\n', 'refit.yaml': `roots: [${far.root}]\n` });
  const use = (path: string) => rig.write({ 'pipelines/p.yaml': pipeline(step(path), 'e.csv') });
  rig.link('far', `${far.root}/deep`);
  use(`${far.root}/deep/../e.csv`);
  expect(await codes(rig)).toContain('path-outside-workspace');
  use(`${far.root}/deep/x/../../deep/./e.csv`);
  expect(await codes(rig)).toEqual([]);
  await rig.json(0, 'run', 'p');
  expect(rig.query("SELECT path FROM lineage WHERE path LIKE '%/%'")).toEqual([{ path: 'far/e.csv' }]);
  // what leads back into the workspace is its own file
  use(`${far.root}/../${basename(rig.root)}/e.csv`);
  expect(await codes(rig)).toEqual([]);
});

it('accepts an absolute path below a root as the value of a param, which the file does not show', async () => {
  using far = createRig({ 'd.csv': DATA });
  const step = `run: cat d.csv > m.csv, inputs: [d.csv, "\${{ params.more }}"], outputs: [m.csv]`;
  using rig = createRig({
    'pipelines/p.yaml': `${pipeline(step)}params: { more: d.csv }\n`,
    'refit.yaml': `roots: [${far.root}]\n`,
    'd.csv': DATA,
  });
  rig.link('far', far.root);
  await rig.json(0, 'run', 'p');
  const ran = await rig.json(0, 'run', 'p', '--param', `more=${far.root}/d.csv`);
  expect(ran.run.steps[0].status).toBe('succeeded');
  expect(rig.query("SELECT path FROM lineage WHERE path LIKE '%/%'")).toEqual([{ path: 'far/d.csv' }]);
});

it('accepts absolute paths inside the workspace, and records them relative to it', async () => {
  using rig = createRig({ 'd.csv': DATA });
  const at = (path: string): string => `${rig.root}/${path}`;
  rig.write({
    'pipelines/p.yaml': pipeline(
      `run: 'cp d.csv m.csv', inputs: ["${at('d.csv')}"], outputs: ["${at('m.csv')}"]`,
      at('d.csv'),
    ),
  });
  expect(await codes(rig)).toEqual([]);
  expect((await rig.json(0, 'run', 'p')).run.steps[0].status).toBe('succeeded');
  expect(rig.query("SELECT count(*) AS n FROM lineage WHERE path LIKE '/%'")).toEqual([{ n: 0 }]);
  expect((await rig.json(0, 'check-data', 'p')).verdict).not.toBe('failed');
});

it('never crashes over a path', async () => {
  const odd = [
    'a\0b',
    '~/x.csv',
    'C:\\x.csv',
    '.',
    '/',
    '//',
    '..',
    'a\nb',
    '\u0000',
    '*'.repeat(300),
    `${'d/'.repeat(2000)}x`,
  ];
  for (const path of [...odd, 'é'.repeat(200), '[', '{a,', '!x', ' ', '-o', '/dev/zero', '/proc/self/mem']) {
    using rig = createRig({ 'd.csv': DATA });
    for (const text of [
      pipeline(COPY, path),
      pipeline(`run: 'true', inputs: [${JSON.stringify(path)}], outputs: [m.csv]`),
      pipeline(`run: 'true', inputs: [d.csv], outputs: [${JSON.stringify(path)}]`),
    ]) {
      rig.write({ 'pipelines/p.yaml': text });
      for (const command of ['validate', 'plan', 'run']) {
        const { exit, stderr } = await rig.refit(command, 'p');
        expect(exit === 70 ? `${command} of ${JSON.stringify(path)}: ${stderr}` : '').toBe('');
      }
    }
  }
}, 300_000);

describe('a script that "run" names', () => {
  const check = async (step: string, ...files: readonly string[]): Promise<readonly string[]> => {
    using rig = createRig({ 'pipelines/p.yaml': pipeline(step), 'd.csv': DATA });
    rig.write(Object.fromEntries(files.map((file) => [file, 'x'])));
    const found = await codes(rig);
    const { warnings } = await rig.json(0, 'plan', 'p');
    const ofPlan = warnings.filter((text: string) => text.includes('neither among its inputs nor its outputs'));
    expect(ofPlan).toHaveLength(found.length);
    return found;
  };

  it.each([
    ['a script', "run: 'sh train.sh', inputs: [d.csv], outputs: [m.csv]"],
    ['one with ./ before it', "run: './train.sh --x 1', inputs: [d.csv], outputs: [m.csv]"],
    ['a word of a list', 'run: [sh, train.sh], inputs: [d.csv], outputs: [m.csv]'],
    ['the value of an option', "run: 'sh -c true --hook=train.sh', inputs: [], outputs: [m.csv]"],
  ])('is a warning of validate and of plan: %s', async (_, step) => {
    expect(await check(step, 'train.sh')).toEqual(['undeclared-script']);
  });

  it.each([
    ['an input', "run: 'sh train.sh', inputs: [train.sh], outputs: [m.csv]"],
    ['in a folder of inputs', "run: 'sh src/train.sh', inputs: [src], outputs: [m.csv]"],
    ['matched by a glob', "run: 'sh src/train.sh', inputs: ['src/**'], outputs: [m.csv]"],
    ['an output', "run: 'cp d.csv m.csv', inputs: [d.csv], outputs: [m.csv]"],
    ['no file of the workspace', "run: 'sh other.sh', inputs: [d.csv], outputs: [m.csv]"],
    ['a folder', "run: 'ls src/', inputs: [d.csv], outputs: [m.csv]"],
    ['a program of a virtual environment', "run: '.venv/bin/python', inputs: [d.csv], outputs: [m.csv]"],
    ['of a step without inputs, which always runs', "run: 'sh train.sh', outputs: [m.csv]"],
  ])('is none where it is %s', async (_, step) => {
    expect(await check(step, 'train.sh', 'src/train.sh', '.venv/bin/python')).toEqual([]);
  });
});
