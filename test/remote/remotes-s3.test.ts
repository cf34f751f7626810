import { expect, it } from 'vitest';
import { expectWhole, historyOf, sha256, trainAndPromote, workspace } from '../support/remotes.js';
import type { Rig } from '../support/rig.js';
import { type S3Server, startS3 } from '../support/s3-server.js';

const machine = (s3: S3Server): Rig =>
  workspace(
    {
      'refit.yaml': `remotes:\n  ci: { url: "s3://models/team/refit", endpoint: "${s3.endpoint}", region: eu-central-1 }\n`,
    },
    s3.env,
  );

const entries = (s3: S3Server): readonly string[] =>
  [...s3.objects.keys()].filter((key) => key.startsWith('team/refit/log/'));

it('exchanges runs, versions and the champion through a bucket', async () => {
  await using s3 = await startS3('models');
  using a = machine(s3);
  using b = machine(s3);
  for (let i = 1; i <= 7; i++) {
    await trainAndPromote(a, `version ${i}`);
    const pushed = await a.json(0, 'push', 'ci');
    expect(pushed).toMatchObject({ remote: 's3://models/team/refit', entry: i, overtaken: [] });
  }
  expect(entries(s3)).toHaveLength(7);
  const pulled = await b.json(0, 'pull', 'ci');
  expect(pulled).toMatchObject({ entries: 7, runs: 7 });
  expect(pulled.champions).toMatchObject([{ model: 'm', version: 7, hash: sha256('version 7') }]);
  expect(b.read('serving/m/current/model.txt')).toBe('version 7');
  expect(historyOf(b)).toEqual(historyOf(a));
  await expectWhole(b);
  // Objects of older versions stay at the remote until --all asks for them.
  expect(pulled.objects.elsewhere).toBeGreaterThan(5);
  expect((await b.json(0, 'pull', 'ci', '--all')).objects.elsewhere).toBe(0);
  await expectWhole(b);
  await b.json(0, 'rollback', 'm', '--to', '3', '--reason', 'back');
  expect(b.read('serving/m/current/model.txt')).toBe('version 3');
});

it('informs the loser of two concurrent pushes', async () => {
  await using s3 = await startS3('models');
  using a = machine(s3);
  using b = machine(s3);
  await Promise.all([trainAndPromote(a, 'of a'), trainAndPromote(b, 'of b')]);
  const [inA, inB] = await Promise.all([a.refit('push', 'ci', '--json'), b.refit('push', 'ci', '--json')]);
  expect([inA.exit, inB.exit].sort(), `${inA.stderr}${inB.stderr}`).toEqual([0, 8]);
  const [won, lost] = inA.exit === 0 ? [a, b] : [b, a];
  expect((inA.exit === 0 ? inB : inA).stderr).toContain('was pushed first');
  expect((await lost.json(0, 'pull', 'ci')).overtaken).toHaveLength(1);
  expect(lost.query('SELECT id FROM run')).toHaveLength(2);
  expect(lost.read('serving/m/current/model.txt')).toBe(won.read('serving/m/current/model.txt'));
  await expectWhole(lost);
});

it('sends what a broken connection held back, and nothing twice', async () => {
  await using s3 = await startS3('models');
  using a = machine(s3);
  await trainAndPromote(a, 'version 1');
  const isModel = (key: string): boolean => key.endsWith(sha256('version 1').slice(2));
  s3.cut = (method, key) => method === 'PUT' && isModel(key);
  const cut = await a.refit('push', 'ci');
  expect(cut.exit).toBe(1);
  expect(cut.stderr).toContain('repeat the command');
  expect(cut.stderr).not.toContain(s3.env.AWS_SECRET_ACCESS_KEY);
  expect(entries(s3)).toEqual([]);
  const there = [...s3.objects.keys()];
  s3.cut = () => false;
  s3.requests.length = 0;
  await a.json(0, 'push', 'ci');
  const objects = there.filter((key) => key.includes('/objects/'));
  expect(objects.length).toBeGreaterThan(0);
  expect(s3.requests.filter((one) => objects.includes(one.replace(/^PUT /, '')) && one.startsWith('PUT '))).toEqual([]);
  // and a request is really written down in this form
  expect(s3.requests.some((one) => one.startsWith('PUT ') && isModel(one))).toBe(true);
  expect(entries(s3)).toHaveLength(1);
  using b = machine(s3);
  s3.cut = (method, key) => method === 'GET' && isModel(key);
  expect((await b.refit('pull', 'ci')).exit).toBe(1);
  s3.cut = () => false;
  await b.json(0, 'pull', 'ci');
  expect(b.read('serving/m/current/model.txt')).toBe('version 1');
  await expectWhole(b);
});

it('refuses a bucket without conditional writes, a wrong key and a missing key', async () => {
  await using s3 = await startS3('models');
  using a = machine(s3);
  await trainAndPromote(a, 'version 1');
  s3.knowsConditions = false;
  const unguarded = await a.refit('push', 'ci');
  expect(unguarded.exit).toBe(1);
  expect(unguarded.stderr).toContain('If-None-Match');
  using stranger = workspace({ 'refit.yaml': a.read('refit.yaml') }, { ...s3.env, AWS_SECRET_ACCESS_KEY: 'guessed' });
  expect((await stranger.refit('pull', 'ci')).stderr).toContain('it answered 403');
  using nobody = workspace({ 'refit.yaml': a.read('refit.yaml') });
  expect((await nobody.refit('pull', 'ci')).stderr).toContain('AWS_ACCESS_KEY_ID');
  // Warnings of the SDK must not reach the user.
  expect(unguarded.stderr).not.toContain('AWS SDK');
});

it('detects objects in the bucket whose bytes do not match their name', async () => {
  await using s3 = await startS3('models');
  using a = machine(s3);
  await trainAndPromote(a, 'version 1');
  await a.json(0, 'push', 'ci');
  const [key = ''] = [...s3.objects.keys()].filter((one) => one.endsWith(sha256('version 1').slice(2)));
  s3.objects.set(key, Buffer.from('version 2'));
  using b = machine(s3);
  const pulled = await b.refit('pull', 'ci');
  expect(pulled.exit).toBe(7);
  expect(pulled.stderr).toContain('at the remote');
  expect(b.has('serving/m/current')).toBe(false);
  // Someone rewrote an entry of the log.
  using c = machine(s3);
  s3.objects.set(key, Buffer.from('version 1'));
  await c.json(0, 'pull', 'ci');
  const [entry = ''] = entries(s3);
  s3.objects.set(entry, Buffer.from(String(s3.objects.get(entry)).replace('"actor"', '"Actor"')));
  const rewritten = await c.refit('pull', 'ci');
  expect(rewritten.exit).toBe(7);
  expect(rewritten.stderr).toContain('started another history there or changed this one');
});
