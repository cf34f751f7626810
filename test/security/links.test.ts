import { mkdirSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isInstalled } from '../support/required.js';
import { createRig, type Rig } from '../support/rig.js';
import { hasStrace, traceRefit } from '../support/strace.js';

const canTrace = isInstalled(hasStrace(), 'strace');

const READING = [['validate'], ['plan', 'p'], ['status'], ['doctor'], ['check-data', 'p']] as const;

const pipeline = (inputs: string, more = ''): Readonly<Record<string, string>> => ({
  'pipelines/p.yaml': `pipeline: p
datasets: { rows: { path: "rows/**/*.csv" } }
steps: { s: { run: 'echo x > o.txt', inputs: ${inputs}, outputs: [o.txt] } }
${more}`,
  'own/a.csv': 'a\n1\n',
  'rows/a.csv': 'a\n1\n',
});

/** A workspace in which `links` lead to a folder with a secret. */
function linked(disk: Rig, inputs: string, links: readonly string[]): Rig {
  const rig = createRig(pipeline(inputs));
  for (const link of links) {
    mkdirSync(join(rig.root, link, '..'), { recursive: true });
    symlinkSync(disk.root, join(rig.root, link));
  }
  return rig;
}

describe.skipIf(!canTrace)('a link out of the workspace', () => {
  it.each([
    ['that is an input', '[out]', ['out']],
    ['in an input folder', '[own]', ['own/deep/out']],
    ['that a glob leads through', '["any/**/*.txt", own/a.csv]', ['any/out']],
    ['that is the folder of a glob', '["out/*.txt", own/a.csv]', ['out']],
    ['that a dataset leads through', '["${{ datasets.rows }}", own]', ['rows/out']],
  ])(
    '%s is not looked into',
    (_, inputs, links) => {
      using disk = createRig({ 'secret.txt': 'top secret', 'below/secret.csv': 'a\n2\n' });
      using rig = linked(disk, inputs, links);
      for (const args of READING) {
        const opened = traceRefit(rig.root, args).opened.filter((path) => path.startsWith(disk.root));
        expect({ args, opened }).toEqual({ args, opened: [] });
      }
    },
    60_000,
  );
});

describe('a link out of the workspace', () => {
  it.each([
    ['an input', '[out]', ['out'], 'leads to'],
    ['a link in an input folder', '[own]', ['own/out'], 'own/out leads to'],
    ['a link that a glob finds', '["**/*.csv"]', ['any/out'], 'any/out leads to'],
    ['the folder of a glob', '["out/*.txt", own]', ['out'], 'out leads to'],
  ])(
    'as %s is named, and followed when refit.yaml lists its folder',
    async (_, inputs, links, words) => {
      using disk = createRig({ 'secret.txt': 'top secret' });
      using rig = linked(disk, inputs, links);
      const named = await rig.refit('plan', 'p');
      expect(named.stdout + named.stderr).toContain(words);
      expect(named.stdout + named.stderr).toContain('refit.yaml');
      rig.write({ 'refit.yaml': `roots: [${disk.root}]\n` });
      const allowed = await rig.refit('plan', 'p');
      expect(allowed.stdout + allowed.stderr).not.toContain('outside the workspace');
      expect(allowed.exit).toBe(0);
      const ran = await rig.refit('run', 'p');
      expect(ran).toMatchObject({ exit: 0 });
      disk.write({ 'more.txt': 'x' });
      if (!inputs.includes('csv')) expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('run');
    },
    30_000,
  );

  it('to the whole disk costs nothing', async () => {
    using rig = createRig(pipeline('["**/*.csv", own]'));
    symlinkSync('/', join(rig.root, 'disk'));
    symlinkSync('/usr', join(rig.root, 'own/usr'));
    const started = performance.now();
    expect((await rig.refit('status')).exit).toBe(0);
    expect((await rig.refit('plan', 'p')).exit).toBe(0);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('above an output is a disk of the user: later steps read from there, and nothing runs twice', async () => {
    using disk = createRig({ 'work/any': '' });
    using rig = createRig({
      'pipelines/p.yaml': `pipeline: p
steps:
  a: { run: 'echo 1 > work/a', inputs: [], outputs: [work/a] }
  b: { run: 'cp work/a b', inputs: [work/a], outputs: [b] }
`,
    });
    symlinkSync(join(disk.root, 'work'), join(rig.root, 'work'));
    expect(await rig.refit('run', 'p')).toMatchObject({ exit: 0 });
    const { steps } = await rig.json(0, 'plan', 'p');
    expect(steps.map((step: { action: string }) => step.action)).toEqual(['skip', 'skip']);
  });

  it('of folders that link to each other is no endless walk', async () => {
    using rig = createRig(pipeline('["**/*.csv", own]'));
    const names = Array.from({ length: 9 }, (_, i) => `f${i}`);
    for (const folder of names) {
      mkdirSync(join(rig.root, 'own', folder), { recursive: true });
      for (const other of names) symlinkSync(`../${other}`, join(rig.root, 'own', folder, `to-${other}`));
    }
    const started = performance.now();
    const planned = await rig.refit('plan', 'p');
    expect(planned.exit).toBe(0);
    expect(performance.now() - started).toBeLessThan(10_000);
  }, 30_000);
});

describe('what a clone or a share brings under a name that refit uses', () => {
  it('is left alone in the folder of partial files of a share, and a link there is refused', async () => {
    using share = createRig({ 'r/tmp/notes.txt': 'mine', 'far/mine.txt': 'mine' });
    using rig = createRig({ 'pipelines/p.yaml': 'pipeline: p\nsteps: { a: { run: "true", inputs: [] } }\n' });
    const old = new Date('2020-01-01');
    utimesSync(join(share.root, 'r/tmp/notes.txt'), old, old);
    utimesSync(join(share.root, 'far/mine.txt'), old, old);
    await rig.json(0, 'run', 'p');
    await rig.json(0, 'push', join(share.root, 'r'));
    expect(share.read('r/tmp/notes.txt')).toBe('mine');
    share.remove('r/tmp');
    share.link('r/tmp', join(share.root, 'far'));
    await rig.json(0, 'run', 'p', '--force');
    expect((await rig.refit('push', join(share.root, 'r'))).exit).not.toBe(0);
    expect(share.read('far/mine.txt')).toBe('mine');
  });

  it('is not written through by a report, nor is a file of git or of another workspace', async () => {
    using far = createRig({ '.bashrc': 'mine', '.git/config': 'mine', '.refit/registry.db': 'mine' });
    using rig = createRig({ 'pipelines/p.yaml': 'pipeline: p\nsteps: { a: { run: "true", inputs: [] } }\n' });
    await rig.json(0, 'run', 'p');
    rig.link('report.md', join(far.root, '.bashrc'));
    rig.link('docs', join(far.root, '.git'));
    for (const target of ['report.md', 'docs/config', join(far.root, '.refit/registry.db')]) {
      const { exit, stderr } = await rig.refit('report', 'p', '--md', '-o', target);
      expect(exit, target).toBe(1);
      expect(stderr).toMatch(/it is a link to|its folder leads out of the workspace|it lies in \.(git|refit)/);
    }
    for (const path of ['.bashrc', '.git/config', '.refit/registry.db']) expect(far.read(path)).toBe('mine');
  });

  it('is neither posted as a comment, nor read for its values, nor copied by init', async () => {
    using far = createRig({ 'secret.json': '{"hidden": 1}' });
    using rig = createRig({
      'pipelines/p.yaml': 'pipeline: p\nsteps: { a: { run: "true", inputs: [{ file: c.json, keys: [zz] }] } }\n',
    });
    for (const name of ['report.md', 'c.json', '.gitignore']) rig.link(name, join(far.root, 'secret.json'));
    const posted = await rig.refit('comment', '--file', 'report.md');
    expect(posted).toMatchObject({ exit: 1, stderr: expect.stringContaining('it is a link') });
    rig.link('reports', far.root);
    const below = await rig.refit('comment', '--file', 'reports/secret.json');
    expect(below).toMatchObject({ exit: 1, stdout: '', stderr: expect.stringContaining('leads out of the workspace') });
    for (const command of ['validate', 'plan']) {
      const { exit, stdout, stderr } = await rig.refit(command, 'p');
      expect(exit).not.toBe(0);
      expect(stdout + stderr).not.toContain('"zz"');
    }
    await rig.refit('init', '--template', 'node', '--name', 'q');
    expect(far.read('secret.json')).toBe('{"hidden": 1}');
    expect(rig.read('.gitignore')).toBe('{"hidden": 1}');
  });
});
