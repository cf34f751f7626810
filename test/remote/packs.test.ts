import { expect, it } from 'vitest';
import { chainOf, type Pack } from '../../src/remote/packs.js';
import { historyOf, trainAndPromote, workspace } from '../support/remotes.js';
import type { Rig } from '../support/rig.js';
import { type S3Server, startS3 } from '../support/s3-server.js';

const machine = (s3: S3Server): Rig =>
  workspace(
    {
      'refit.yaml': `remotes:\n  ci: { url: "s3://models/refit", endpoint: "${s3.endpoint}", region: eu-central-1 }\n`,
    },
    s3.env,
  );

const packsOf = ({ objects }: S3Server): readonly string[] =>
  [...objects.keys()].filter((key) => key.startsWith('refit/packs/'));

/** The requests of a command that are about the log, not about the content that it names. */
async function logRequests(s3: S3Server, work: () => Promise<unknown>): Promise<readonly string[]> {
  const before = s3.requests.length;
  await work();
  return s3.requests.slice(before).filter((one) => !one.includes('/objects/'));
}

const MOST_REQUESTS = 10;

it('needs at most ten requests for the history of a first pull, however many pushes there were', async () => {
  await using s3 = await startS3('models');
  using a = machine(s3);
  for (let i = 1; i <= 9; i++) {
    await trainAndPromote(a, `version ${i}`);
    await a.json(0, 'push', 'ci');
    expect(packsOf(s3).length).toBeLessThanOrEqual(3);
    if (i !== 3 && i !== 9) continue;
    using fresh = machine(s3);
    const asked = await logRequests(s3, () => fresh.json(0, 'pull', 'ci'));
    expect({ pushes: i, most: asked.length <= MOST_REQUESTS, asked }).toMatchObject({ most: true });
    expect(historyOf(fresh)).toEqual(historyOf(a));
  }
}, 300_000);

it.each([
  [
    'is damaged',
    (s3: S3Server, key: string) => s3.objects.set(key, Buffer.alloc(s3.objects.get(key)?.length ?? 0, 'x')),
  ],
  ['is cut', (s3: S3Server, key: string) => s3.objects.set(key, Buffer.from('x'))],
  [
    'tells another history than the log',
    (s3: S3Server, key: string) => {
      const text = s3.objects.get(key)?.toString() ?? '';
      s3.objects.set(key, Buffer.from(text.replaceAll('version 1', 'version 9')));
    },
  ],
])(
  'reads the log itself where a pack %s',
  async (_, spoil) => {
    await using s3 = await startS3('models');
    using a = machine(s3);
    for (let i = 1; i <= 4; i++) {
      await trainAndPromote(a, `version ${i}`);
      await a.json(0, 'push', 'ci');
    }
    expect(packsOf(s3).length).toBeGreaterThan(0);
    for (const key of packsOf(s3)) spoil(s3, key);
    using b = machine(s3);
    await b.json(0, 'pull', 'ci');
    expect(historyOf(b)).toEqual(historyOf(a));
  },
  120_000,
);

it('pushes all the same where the log cannot be packed, and packs it with the next push', async () => {
  await using s3 = await startS3('models');
  using a = machine(s3);
  for (let i = 1; i <= 3; i++) {
    await trainAndPromote(a, `version ${i}`);
    s3.cut = (method, key) => method === 'PUT' && key.startsWith('refit/packs/');
    const pushed = await a.refit('push', 'ci');
    expect(pushed.exit).toBe(0);
    if (i === 3) expect(pushed.stderr).toContain('could not be packed');
  }
  expect(packsOf(s3)).toEqual([]);
  s3.cut = () => false;
  await trainAndPromote(a, 'version 4');
  await a.json(0, 'push', 'ci');
  expect(packsOf(s3)).toHaveLength(1);
}, 300_000);

const pack = (from: number, to: number): Pack => ({ name: `${from}-${to}`, from, to, bytes: 1, hash: '' });
const chain = (...packs: readonly Pack[]): readonly string[] => chainOf(packs).map(({ name }) => name);

it('chains packs from the first entry on, the longest first, up to the first gap', () => {
  expect(chain()).toEqual([]);
  expect(chain(pack(2, 9))).toEqual([]);
  expect(chain(pack(1, 2), pack(1, 4), pack(3, 8), pack(5, 6), pack(7, 7), pack(9, 9))).toEqual(['1-4', '5-6', '7-7']);
});
