import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedMode, storedMode } from '../../src/artifacts/modes.js';
import { BIN, createRig, type Rig } from '../support/rig.js';

const modeOf = (rig: Rig, path: string): string => (statSync(join(rig.root, path)).mode & 0o777).toString(8);

/** Objects of the store by their content. */
const objectOf = (rig: Rig, content: string): string =>
  rig.files('.refit/store').find((path) => !/\.(dir|list)$/.test(path) && rig.read(path) === content) ??
  `no object holds ${content}`;

/** `run`: shell commands; both outputs are declared. */
const pipeline = (run: string, outputs = 'm'): Readonly<Record<string, string>> => ({
  'in.txt': '1',
  'pipelines/p.yaml': `pipeline: p\nsteps: { s: { run: ${JSON.stringify(run)}, inputs: [in.txt], outputs: [${outputs}] } }\nmodel: { path: ${outputs}, publish: { path: serving } }\n`,
});

const served = (name: string): string => `serving/current/${name}`;

describe('the mode of an output', () => {
  it.each([
    [0o600, '400', '600', '400'],
    [0o640, '440', '640', '440'],
    [0o644, '444', '644', '444'],
    [0o700, '500', '700', '500'],
    [0o755, '555', '755', '555'],
    [0o444, '444', '644', '444'],
  ])(
    '%o is kept in the store, restored, and is not widened when it is served',
    async (mode, stored, restored, shown) => {
      using rig = createRig(pipeline(`printf secret > m; chmod ${mode.toString(8)} m`));
      expect((await rig.refit('run', 'p')).exit).toBe(0);
      expect(modeOf(rig, objectOf(rig, 'secret'))).toBe(stored);
      rig.remove('m');
      await rig.refit('run', 'p');
      expect(modeOf(rig, 'm')).toBe(restored);
      await rig.refit('promote', 'p@1', '--reason', 'x', '--force');
      expect(modeOf(rig, served('m'))).toBe(shown);
    },
  );

  it('is kept for the files of a folder, and no file is wider than its folder', async () => {
    using rig = createRig(
      pipeline(
        'mkdir -p m/closed; printf a > m/a; printf b > m/b; chmod 600 m/b; printf c > m/closed/c; chmod 700 m/closed; printf d > m/d; chmod 755 m/d',
      ),
    );
    expect((await rig.refit('run', 'p')).exit).toBe(0);
    expect(['a', 'b', 'c', 'd'].map((content) => modeOf(rig, objectOf(rig, content)))).toEqual([
      '444',
      '400',
      '400',
      '444',
    ]);
    rig.remove('m');
    await rig.refit('run', 'p');
    expect(['m/a', 'm/b', 'm/closed/c', 'm/d'].map((path) => modeOf(rig, path))).toEqual(['644', '600', '600', '755']);
  });

  it('of two files with one content is what both allow', async () => {
    using rig = createRig(pipeline('mkdir -p m; printf same > m/open; printf same > m/closed; chmod 600 m/closed'));
    await rig.refit('run', 'p');
    expect(modeOf(rig, objectOf(rig, 'same'))).toBe('400');
    expect(sharedMode(0o444, 0o640, false)).toBe(0o440);
    expect(sharedMode(0o555, 0o600, false)).toBe(0o500);
    expect(storedMode(0o000, true)).toBe(0o500);
  });
});

describe('the umask', () => {
  it.each([
    ['002', '664', '775'],
    ['022', '644', '755'],
    ['077', '600', '700'],
  ])('%s decides the modes of what refit makes', async (umask, file, folder) => {
    using rig = createRig(pipeline('printf x > m'));
    execFileSync('sh', ['-c', `umask ${umask}; exec "$0" "$1" run p`, process.execPath, BIN], {
      cwd: rig.root,
      stdio: 'ignore',
    });
    const [log = ''] = rig.files('.refit/logs');
    for (const path of ['.refit/registry.db', '.refit/cache.db', '.refit/locks/p.db', log])
      expect(modeOf(rig, path), path).toBe(file);
    for (const path of ['.refit', '.refit/store', '.refit/locks', '.refit/logs'])
      expect(modeOf(rig, path), path).toBe(folder);
  });
});

describe('an output that is a hard link to the store', () => {
  it.each(['m', 'm/inside'])('is replaced by a copy (%s)', async (path) => {
    using rig = createRig({ ...pipeline('sh s.sh'), 's.sh': `mkdir -p $(dirname ${path}); printf first > ${path}` });
    await rig.refit('run', 'p');
    const object = join(rig.root, objectOf(rig, 'first'));
    rig.write({ 's.sh': `mkdir -p $(dirname ${path}); ln '${object}' ${path}`, 'in.txt': '2' });
    expect((await rig.refit('run', 'p')).exit).toBe(0);
    expect(statSync(join(rig.root, path)).ino).not.toBe(statSync(object).ino);
    writeFileSync(join(rig.root, path), 'changed in place');
    expect(readFileSync(object, 'utf8')).toBe('first');
  });
});

describe('what refit did not make', () => {
  it.each(['mine', 'notes-abc', 'query-99999999', 'Data-99999999-abc', 'a-99999999-b.c'])(
    '%s stays in .refit/tmp and .refit/aside',
    async (name) => {
      using rig = createRig(pipeline('printf x > m'));
      await rig.refit('run', 'p');
      rig.write({ [`.refit/tmp/${name}/file`]: 'mine', [`.refit/aside/${name}/file`]: 'mine' });
      for (const args of [
        ['run', 'p', '--force'],
        ['retrain', 'p'],
        ['gc', '--apply'],
        ['check-data', 'in.txt'],
      ])
        await rig.refit(...args);
      expect(rig.read(`.refit/tmp/${name}/file`)).toBe('mine');
      expect(rig.read(`.refit/aside/${name}/file`)).toBe('mine');
    },
  );

  it('is removed where refit made it and its process has ended', async () => {
    using rig = createRig(pipeline('printf x > m'));
    await rig.refit('run', 'p');
    rig.write({ '.refit/tmp/query-4194304-aBc123/file': 'left' });
    await rig.refit('run', 'p', '--force');
    expect(rig.has('.refit/tmp/query-4194304-aBc123')).toBe(false);
  });
});

describe('an output that is a link to another disk', () => {
  it.each([
    ['a file', 'disk.bin', 'm'],
    ['a folder', 'disk', 'm'],
  ])('that is %s is named, and what it leads to stays', async (_, target, path) => {
    using disk = createRig({ 'disk.bin': 'old', 'disk/keep': 'old' });
    using rig = createRig(pipeline('rm -rf m; printf new > m'));
    symlinkSync(join(disk.root, target), join(rig.root, path));
    const ran = await rig.refit('run', 'p');
    expect(ran.exit).not.toBe(0);
    expect(ran.stderr).toContain('it is a link to');
    expect(disk.read('disk.bin') + disk.read('disk/keep')).toBe('oldold');
    expect(readdirSync(rig.root)).toContain('m');
  });

  it('works through a link in a folder above it, and through a link that a step makes inside the workspace', async () => {
    using disk = createRig({});
    using rig = createRig(pipeline('printf new > work/v1; ln -sf v1 work/m', 'work/m'));
    mkdirSync(join(disk.root, 'work'));
    symlinkSync(join(disk.root, 'work'), join(rig.root, 'work'));
    expect((await rig.refit('run', 'p')).exit).toBe(0);
    expect(disk.read('work/v1')).toBe('new');
    using inside = createRig(pipeline('printf new > v1; ln -sf v1 m'));
    for (const args of [
      ['run', 'p'],
      ['run', 'p', '--force'],
    ])
      expect((await inside.refit(...args)).exit).toBe(0);
  });
});

describe('a name that the file system does not take', () => {
  it.each([
    ['a name of 260 bytes', '0'.repeat(260)],
    ['a name of 130 characters of two bytes', 'ü'.repeat(130)],
    ['a folder of 260 bytes', `${'0'.repeat(260)}/m`],
    ['a path of 4,000 bytes', `${'0'.repeat(99)}/`.repeat(40)],
  ])('%s is a diagnostic, and the pipeline runs when it is mended', async (_, path) => {
    using rig = createRig({
      'pipelines/p.yaml': `pipeline: p\nsteps: { s: { run: "true", inputs: [], outputs: ["${path}"] } }\n`,
    });
    const ran = await rig.refit('run', 'p');
    expect(ran).toMatchObject({ exit: 2, stderr: expect.stringContaining('path-too-long') });
    rig.write({ 'pipelines/p.yaml': 'pipeline: p\nsteps: { s: { run: "echo 1 > m", inputs: [], outputs: [m] } }\n' });
    expect((await rig.refit('run', 'p')).exit).toBe(0);
  });

  it('in the journal of a dead run does not stop later runs', async () => {
    using rig = createRig(pipeline('printf x > m'));
    await rig.refit('run', 'p');
    const [{ run }] = rig.query('SELECT id AS run FROM run') as [{ run: string }];
    rig.update(
      `INSERT INTO output_backup (run, step, path, aside_path, is_open) VALUES ('${run}', 's', '${'0'.repeat(300)}', '', 1), ('${run}', 's', 'in.txt/below', '', 1)`,
    );
    const ran = await rig.refit('run', 'p', '--force');
    expect(ran.stderr).not.toContain('a bug in refit');
    expect(ran.exit).toBe(0);
  });
});
