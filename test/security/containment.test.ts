import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.js';

const pipeline = (output: string, more = ''): string =>
  `pipeline: p\nsteps: { s: { run: 'echo printed; mkdir -p "$(dirname ${output})"; echo 1 > ${output}', inputs: [], outputs: ['${output}'] } }\n${more}`;

describe('an output', () => {
  it.each(['.git/hooks/post-commit', '.refit/registry.db', '.GIT/config', 'work/../.git/x'])(
    'may not lie in %s',
    async (path) => {
      using rig = createRig({ 'pipelines/p.yaml': pipeline(path) });
      const validated = await rig.refit('validate', 'p');
      expect(validated.exit).not.toBe(0);
      expect(validated.stdout + validated.stderr).toMatch(/lies in \.(git|refit)/);
    },
  );

  it.each(['.git', '.refit'])('may not lie in %s through a link', async (folder) => {
    using rig = createRig({ 'pipelines/p.yaml': pipeline('work/o'), [`${folder}/keep`]: '' });
    rig.link('work', folder);
    const ran = await rig.refit('run', 'p');
    expect(ran.stdout + ran.stderr).toContain(`it lies in ${folder}`);
    expect(ran.exit).not.toBe(0);
    expect(rig.has(`${folder}/o`)).toBe(false);
  });

  it('that is published may not lie there either', async () => {
    using rig = createRig({
      'pipelines/p.yaml': pipeline('m', 'model: { path: m, publish: { path: serving/m } }\n'),
      '.git/keep': '',
    });
    await rig.refit('run', 'p');
    rig.link('serving', '.git');
    const promoted = await rig.refit('promote', 'p@1', '--reason', 'x');
    expect(promoted.stderr).toContain('it lies in .git');
    expect(rig.list('.git')).toEqual(['keep']);
  });
});

describe('a stored path of a log', () => {
  const withLogAt = async (path: string, make: (rig: Rig, outside: string) => void): Promise<string> => {
    const outside = mkdtempSync(join(tmpdir(), 'refit-outside-'));
    try {
      writeFileSync(join(outside, 'private'), 'private words');
      using rig = createRig({ 'pipelines/p.yaml': pipeline('o'), private: 'private words' });
      await rig.refit('run', 'p');
      expect((await rig.refit('logs', 'latest')).stdout).toContain('printed');
      make(rig, outside);
      rig.update(`UPDATE attempt SET log_path = '${path}'`);
      const shown = await rig.refit('logs', 'latest');
      expect(shown.exit).not.toBe(70);
      return shown.stdout + shown.stderr;
    } finally {
      rmSync(outside, { recursive: true, force: true });
    }
  };

  it.each<[string, string, (rig: Rig, outside: string) => void]>([
    ['leads out', '../../../../../etc/passwd', () => undefined],
    ['is another file of the workspace', 'private', () => undefined],
    [
      'is a link below the logs',
      '.refit/logs/x/private',
      (rig, outside) => symlinkSync(outside, join(rig.root, '.refit/logs/x')),
    ],
  ])('shows nothing where it %s', async (_, path, make) => {
    const shown = await withLogAt(path, make);
    expect(shown).not.toMatch(/private words|root:/);
  });
});

it('restores no output into a folder that has become a link into .git', async () => {
  using rig = createRig({ 'pipelines/p.yaml': pipeline('work/o'), '.git/keep': '' });
  await rig.refit('run', 'p');
  rmSync(join(rig.root, 'work'), { recursive: true });
  rig.link('work', '.git');
  await rig.refit('run', 'p');
  expect(readdirSync(join(rig.root, '.git'))).toEqual(['keep']);
});
