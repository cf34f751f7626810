import { expect, it } from 'vitest';
import { hasRadosgw, type Radosgw, startRadosgw } from '../support/radosgw.js';
import { expectWhole, historyOf, sha256, train, trainAndPromote, workspace } from '../support/remotes.js';
import type { Rig } from '../support/rig.js';

/** `REFIT_PUSHES=1000` for the long way. */
const PUSHES = Number(process.env.REFIT_PUSHES ?? 12);

const machine = ({ endpoint, env }: Radosgw): Rig =>
  workspace(
    { 'refit.yaml': `remotes:\n  ci: { url: "s3://models/team/refit", endpoint: "${endpoint}", region: default }\n` },
    env,
  );

const has = hasRadosgw();

it.skipIf(!has)(
  'exchanges runs and the champion through a real S3 server, with few requests however long the history is',
  async () => {
    await using s3 = await startRadosgw('models');
    using a = machine(s3);
    using b = machine(s3);
    const sent: number[] = [];
    const counting = async (work: () => Promise<unknown>): Promise<number> => {
      const before = s3.requests().length;
      await work();
      return s3.requests().length - before;
    };
    await trainAndPromote(a, 'version 1');
    await a.json(0, 'push', 'ci');
    for (let i = 2; i <= PUSHES; i++) {
      await train(a, `version ${i}`);
      sent.push(await counting(() => a.json(0, 'push', 'ci')));
    }
    const fresh = await counting(async () => {
      const pulled = await b.json(0, 'pull', 'ci');
      expect(pulled.champions).toMatchObject([{ model: 'm', version: 1, hash: sha256('version 1') }]);
    });
    process.stdout.write(
      `radosgw: ${PUSHES} pushes, ${Math.max(...sent)} requests at most and ${sent.at(-1)} in the last; a fresh pull ${fresh}\n`,
    );
    expect(historyOf(b)).toEqual(historyOf(a));
    await expectWhole(b);
    // a push asks for what is new: its objects, its bundle, its entry and a few questions
    expect(Math.max(...sent.slice(-5))).toBeLessThanOrEqual(Math.max(...sent.slice(0, 5)) + 5);
    expect(fresh).toBeLessThan(2 * PUSHES + 20);
  },
  PUSHES * 10_000 + 60_000,
);

it.skipIf(!has)('refuses the second of two pushes at once at a real S3 server, by its conditional writes', async () => {
  await using s3 = await startRadosgw('models');
  using a = machine(s3);
  using b = machine(s3);
  await Promise.all([trainAndPromote(a, 'of a'), trainAndPromote(b, 'of b')]);
  const [inA, inB] = await Promise.all([a.refit('push', 'ci'), b.refit('push', 'ci')]);
  expect([inA.exit, inB.exit].sort(), `${inA.stderr}${inB.stderr}`).toEqual([0, 8]);
  // the server has seen the test write that asks whether it knows conditions, and has refused it
  expect(s3.requests().some((one) => one.startsWith('PUT ') && one.endsWith(' 412'))).toBe(true);
  const lost = inA.exit === 0 ? b : a;
  expect((await lost.json(0, 'pull', 'ci')).overtaken).toHaveLength(1);
  await expectWhole(lost);
});
