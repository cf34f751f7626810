import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.js';

const FILES = {
  'pipelines/p.yaml':
    'pipeline: p\nsteps: { a: { run: cp in.txt out.txt, inputs: [in.txt], outputs: [out.txt] } }\nmodel: { name: m, path: out.txt }\n',
  'in.txt': 'one\n',
  '.gitignore': '.refit\nout.txt\n',
};

function repository(env: Readonly<Record<string, string>> = {}): Rig {
  const rig = createRig(FILES, env);
  const git = (...args: readonly string[]): void =>
    void execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: rig.root });
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-qm', 'first');
  return rig;
}

/** Runs the pipeline twice, and returns the warning of the second run and what `why` says. */
async function toldBy(rig: Rig): Promise<{ readonly run: string; readonly why: string }> {
  await rig.json(0, 'run', 'p');
  const { stderr } = await rig.refit('run', 'p');
  return { run: stderr, why: (await rig.refit('why', 'm@1')).stdout };
}

it.skipIf(process.getuid?.() !== 0)('knows the commit of a checkout that belongs to another user', async () => {
  using rig = repository();
  const commit = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: rig.root, encoding: 'utf8' }).trim();
  for (const path of ['.', '.git']) chownSync(join(rig.root, path), 12345, 12345);
  expect((await rig.json(0, 'run', 'p')).run.commit).toBe(commit);
  expect((await rig.refit('why', 'm@1')).stdout).toContain(commit.slice(0, 8));
});

it('warns on every run and in why where git cannot read the repository', async () => {
  using rig = repository();
  rig.write({ '.git/refs/heads/main': `${'0'.repeat(39)}1\n` });
  const { run, why } = await toldBy(rig);
  for (const text of [run, why]) {
    expect(text).toContain('git did not answer');
    expect(text).not.toContain('not in git');
  }
});

it('warns where a repository is there and git is not', async () => {
  using bin = createRig();
  for (const name of ['sh', 'cp', 'node'])
    symlinkSync(
      execFileSync('sh', ['-c', `command -v ${name}`])
        .toString()
        .trim(),
      join(bin.root, name),
    );
  using inside = repository({ PATH: bin.root });
  const { run, why } = await toldBy(inside);
  expect(run).toContain('git is not installed');
  expect(why).toContain('install git');
});

it('is silent outside git, and in a repository without a commit', async () => {
  using rig = createRig(FILES);
  const outside = await toldBy(rig);
  execFileSync('git', ['init', '-q'], { cwd: rig.root });
  const empty = await toldBy(rig);
  for (const { run, why } of [outside, empty]) {
    expect(run).not.toContain('git did not answer');
    expect(why).toContain('not in git');
  }
});

it('ends a run at once that waits for git, at the first signal', async () => {
  using bin = createRig({ git: '#!/bin/sh\ntouch asked\nexec sleep 100\n' });
  chmodSync(join(bin.root, 'git'), 0o755);
  using waiting = repository({ PATH: `${bin.root}:${process.env.PATH}` });
  const held = waiting.start('run', 'p');
  await expect.poll(() => waiting.has('asked'), { timeout: 60_000 }).toBe(true);
  const killedMs = performance.now();
  held.kill('SIGINT');
  expect((await held.ended).exit).toBe(130);
  expect(performance.now() - killedMs).toBeLessThan(60_000);
}, 300_000);
