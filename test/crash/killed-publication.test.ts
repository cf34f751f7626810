import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { createShare, sha256, trainAndPromote, workspace } from '../support/remotes.js';
import { isInstalled } from '../support/required.js';
import type { Rig } from '../support/rig.js';

const hasStrace = isInstalled(spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0, 'strace');

/** Runs refit and kills it at its first call of a name on a path of the workspace. False: it ended before. */
function killAt(rig: Rig, call: string, path: string, ...args: readonly string[]): boolean {
  const inject = ['-f', '-qq', '-b', 'execve', '-o', '/dev/null', '-P', join(rig.root, path), '-e', `trace=${call}`];
  const words = [...inject, '-e', `inject=${call}:signal=SIGKILL:when=1`, process.execPath];
  const env = { ...process.env, UV_THREADPOOL_SIZE: '1' };
  const ended = spawnSync('strace', [...words, resolve('bin/refit.js'), ...args], { cwd: rig.root, env });
  return ended.signal === 'SIGKILL' || ended.status === 137;
}

/** Of the first version, whose bytes are those of its source. */
const STAGED = `.staging-1-${sha256('one').slice(0, 8)}`;

const halfMade = (rig: Rig): readonly string[] =>
  rig.list('serving/m/versions').filter((name) => name.startsWith('.staging-'));

/** A model of which the first version was rolled out, and whose folder is no longer there. */
async function twoVersions(): Promise<Rig> {
  const rig = workspace();
  await trainAndPromote(rig, 'one');
  await trainAndPromote(rig, 'two');
  for (const name of rig.list('serving/m/versions').filter((one) => one.startsWith('1-')))
    rig.remove(`serving/m/versions/${name}`);
  return rig;
}

/** A workspace with the same files. */
function copyOf(rig: Rig): Rig {
  const copy = workspace();
  spawnSync('cp', ['-a', `${rig.root}/.`, copy.root]);
  return copy;
}

it.skipIf(!hasStrace)(
  'removes what a rollback that was killed had staged, by the next run or gc',
  async () => {
    using whole = await twoVersions();
    let left = 0;
    const staging = `serving/m/versions/${STAGED}`;
    for (const [call, path, command] of [
      ['fsync', staging, ['run', 'm']],
      ['rename', staging, ['run', 'm']],
      ['rename', staging, ['gc', '--apply']],
    ] as const) {
      using rig = copyOf(whole);
      expect(killAt(rig, call, path, 'rollback', 'm', '--reason', 'try')).toBe(true);
      const staged = halfMade(rig).map((name) => `serving/m/versions/${name}`);
      left += staged.length;
      const done = await rig.json(0, ...command);
      if (command[0] === 'gc') expect(done.removed.leftovers).toEqual(staged);
      expect(halfMade(rig)).toEqual([]);
    }
    expect(left).toBeGreaterThan(1);
  },
  180_000,
);

it.skipIf(!hasStrace)(
  'says in status, served, why and verify where link and ledger differ after a pull was killed',
  async () => {
    using share = createShare();
    using here = workspace();
    using there = workspace();
    await trainAndPromote(there, 'one');
    await there.json(0, 'push', share.path);
    await here.json(0, 'pull', share.path);
    await trainAndPromote(there, 'two');
    await there.json(0, 'push', share.path);
    const seen = new Set<string>();
    // before the link, and between the link and its record
    for (const [call, path] of [
      ['fsync', 'serving/m/versions'],
      ['fsync', 'serving/m'],
    ] as const) {
      using copy = copyOf(here);
      expect(killAt(copy, call, path, 'pull', share.path)).toBe(true);
      const status = await copy.refit('status', 'm', '--json');
      const found: readonly { readonly code: string }[] = JSON.parse(status.stdout).pipelines[0].serving;
      if (found.every(({ code }) => seen.has(code))) continue;
      for (const { code } of found) seen.add(code);
      for (const words of [['served', 'm'], ['why', 'm@champion'], ['verify']])
        expect((await copy.refit(...words)).stderr, words[0]).toMatch(/warning: serving\/m/);
      await copy.json(0, 'pull', share.path);
      expect((await copy.json(0, 'status', 'm')).pipelines[0].serving).toEqual([]);
      expect(copy.read('serving/m/current/model.txt').trim()).toBe('two');
    }
    expect([...seen]).toEqual(expect.arrayContaining(['link-moved', 'serving-unrecorded']));
    process.stdout.write(`differences after a killed pull: ${[...seen].join(', ')}\n`);
  },
  180_000,
);
