import { expect, it } from 'vitest';
import {
  createShare,
  expectWhole,
  historyOf,
  sha256,
  trainAndPromote,
  versionOf,
  workspace,
} from '../support/remotes.js';
import type { Rig } from '../support/rig.js';

/** Number of races. In each, two machines that have promoted push at the same time. `REFIT_RACES=50` sets it. */
const RACES = Number(process.env.REFIT_RACES ?? 4);

it(
  `keeps both histories and one champion, and informs the loser, in ${RACES} races of two pushes`,
  async () => {
    using share = createShare();
    using a = workspace();
    using b = workspace();
    const seen = { a: 0, b: 0 };
    for (let round = 1; round <= RACES; round++) {
      const sources = { a: `${round} of a`, b: `${round} of b` };
      await Promise.all([trainAndPromote(a, sources.a), trainAndPromote(b, sources.b)]);
      const [inA, inB] = await Promise.all([
        a.refit('push', share.path, '--json'),
        b.refit('push', share.path, '--json'),
      ]);
      expect([inA.exit, inB.exit].sort(), `${inA.stderr}\n${inB.stderr}`).toEqual([0, 8]);
      const winner = inA.exit === 0 ? 'a' : 'b';
      seen[winner]++;
      const [won, lost] = winner === 'a' ? [a, b] : [b, a];
      const [source, other] = winner === 'a' ? [sources.a, sources.b] : [sources.b, sources.a];
      const told = JSON.parse((winner === 'a' ? inB : inA).stdout);
      expect(told.overtaken).toHaveLength(1);
      expect(told.overtaken[0].theirs.hash).toBe(sha256(source));
      expect(told.champions[0].hash).toBe(sha256(source));
      // The loser's published model is unchanged.
      expect(lost.read('serving/m/current/model.txt')).toBe(other);
      await expectWhole(lost);

      const pulled = await lost.json(0, 'pull', share.path);
      expect(pulled.overtaken).toHaveLength(1);
      expect(lost.read('serving/m/current/model.txt')).toBe(source);
      expect(await versionOf(lost, other)).toMatchObject({ champion: false });
      await expectWhole(lost);
      // The loser's version is judged again and becomes the champion on both machines.
      await again(lost, share.path, other);
      const synced = await won.json(0, 'pull', share.path);
      expect(synced.champions[0].hash).toBe(sha256(other));
      expect(won.read('serving/m/current/model.txt')).toBe(other);
      expect(historyOf(won)).toEqual(historyOf(lost));
    }
    await expectWhole(a);
    await expectWhole(b);
    expect(a.query('SELECT id FROM run')).toHaveLength(2 * RACES);
    expect(a.query('SELECT version FROM model_version ORDER BY 1').map((row) => row.version)).toEqual(
      Array.from({ length: 2 * RACES }, (_, i) => i + 1),
    );
    expect(a.query('SELECT run FROM overtaken_move')).toHaveLength(RACES);
    expect(seen.a + seen.b).toBe(RACES);
  },
  60_000 + RACES * 30_000,
);

async function again(rig: Rig, share: string, source: string): Promise<void> {
  const { version } = await versionOf(rig, source);
  await rig.json(0, 'promote', `m@${version}`, '--reason', `again ${source}`);
  expect((await rig.json(0, 'push', share)).overtaken).toEqual([]);
}
