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

it.skipIf(!hasStrace).each([
  ['run', 'm'],
  ['gc', '--apply'],
])('removes what a rollback that was killed had staged: refit %s %s', async (...command) => {
  let left = 0;
  for (const [call, number] of [
    ['rename', 1],
    ['rename', 2],
    ['fsync', 2],
    ['fsync', 4],
  ] as const) {
    using rig = await twoVersions();
    if (!killAt(rig, call, number, 'rollback', 'm', '--reason', 'try')) continue;
    left += halfMade(rig).length;
    if (command[0] === 'gc' && halfMade(rig).length > 0)
      expect((await rig.json(0, 'gc')).removed.leftovers).toEqual(
        halfMade(rig).map((name) => `serving/m/versions/${name}`),
      );
    await rig.json(0, ...command);
    expect(halfMade(rig)).toEqual([]);
    const [status] = (await rig.json(0, 'status', 'm')).pipelines;
    if (command[0] === 'run') expect(status.serving).toEqual([]);
  }
  expect(left).toBeGreaterThan(0);
});

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
    let differed = 0;
    for (const [call, number] of [
      ['rename', 4],
      ['rename', 5],
      ['rename', 6],
      ['rename', 7],
      ['fsync', 8],
    ] as const) {
      using copy = workspace();
      copy.remove('.refit');
      spawnSync('cp', ['-a', `${here.root}/.`, copy.root]);
      if (!killAt(copy, call, number, 'pull', share.path)) continue;
      const status = await copy.refit('status', 'm', '--json');
      const found: readonly { readonly code: string }[] = JSON.parse(status.stdout).pipelines[0].serving;
      if (found.length > 0) differed++;
      for (const words of [['served', 'm'], ['why', 'm@champion'], ['verify']])
        for (const { code } of found) {
          const { stderr } = await copy.refit(...words);
          expect(stderr, `${words[0]} ${code}`).toContain('warning');
        }
      await copy.json(0, 'pull', share.path);
      expect((await copy.json(0, 'status', 'm')).pipelines[0].serving).toEqual([]);
      expect(copy.read('serving/m/current/model.txt').trim()).toBe('two');
    }
    expect(differed).toBeGreaterThan(0);
  },
);
