import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { createShare, trainAndPromote, workspace } from '../support/remotes.js';
import { isInstalled } from '../support/required.js';
import type { Rig } from '../support/rig.js';

const hasStrace = isInstalled(spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0, 'strace');

/** Runs refit and kills it at the n-th call of a name. False: it ended before. */
function killAt(rig: Rig, call: string, number: number, ...args: readonly string[]): boolean {
  const inject = ['-f', '-qq', '-b', 'execve', '-o', '/dev/null', '-e', `trace=${call}`];
  const words = [...inject, '-e', `inject=${call}:signal=SIGKILL:when=${number}`, process.execPath];
  const env = { ...process.env, UV_THREADPOOL_SIZE: '1' };
  const ended = spawnSync('strace', [...words, resolve('bin/refit.js'), ...args], { cwd: rig.root, env });
  return ended.signal === 'SIGKILL' || ended.status === 137;
}

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
    for (const [call, number, command] of [
      ['rename', 1, ['run', 'm']],
      ['fsync', 4, ['run', 'm']],
      ['rename', 2, ['gc', '--apply']],
    ] as const) {
      using rig = copyOf(whole);
      killAt(rig, call, number, 'rollback', 'm', '--reason', 'try');
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
    for (const number of [5, 6, 7, 8, 9]) {
      using copy = copyOf(here);
      if (!killAt(copy, 'rename', number, 'pull', share.path)) break;
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
    expect(seen.size).toBeGreaterThan(0);
    process.stdout.write(`differences after a killed pull: ${[...seen].join(', ')}\n`);
  },
  180_000,
);
