import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../../../support/rig.js';
import { type S3Server, startS3 } from '../../../support/s3-server.js';

let server: S3Server;
beforeEach(async () => {
  server = await startS3('lake');
});
afterEach(() => server[Symbol.asyncDispose]());

const pipeline = (url: string, more = ''): string => `pipeline: rides
datasets:
  rides:
    source: ${url.startsWith('gs') ? 'gcs' : 's3'}
    url: ${url}${more}
    time: at
steps:
  train: { run: 'echo \${{ datasets.rides }} > model.txt', inputs: ["\${{ datasets.rides }}"], outputs: [model.txt] }
model: model.txt
`;

const rigFor = (url: string, env: Record<string, string> = {}): Rig =>
  createRig(
    { 'pipelines/rides.yaml': pipeline(url) },
    { ...server.env, AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL_S3: server.endpoint, ...env },
  );

const put = (key: string, ...ids: readonly number[]): void =>
  void server.objects.set(key, Buffer.from(`id,at\n${ids.map((id) => `${id},2026-01-0${id}\n`).join('')}`));

const read = (rig: Rig) =>
  rig.query('SELECT object, rows FROM source_snapshot ORDER BY id').map(({ object, rows }) => [object, rows]);

const model = (rig: Rig): number => rig.read('model.txt').trim().split(' ').filter(Boolean).length;

const gets = (): readonly string[] => server.requests.filter((one) => /^GET ./.test(one));

describe('a dataset from a bucket', () => {
  it('is every object that matches, each fetched once for each ETag', async () => {
    for (let i = 1; i <= 5; i++) put(`rides/2026-0${i}/part.csv`, i);
    put('rides/notes.txt', 1);
    put('other/2026-01/part.csv', 1);
    server.objects.set('rides/2026-01/_SUCCESS.csv', Buffer.alloc(0));
    using rig = rigFor('s3://lake/rides/*/*.csv');
    expect(await rig.refit('run', 'rides')).toMatchObject({ exit: 0 });
    expect(read(rig)).toEqual([1, 2, 3, 4, 5].map((i) => [`rides/2026-0${i}/part.csv`, 1]));
    expect(model(rig)).toBe(5);
    expect(rig.query('SELECT DISTINCT kind, place, question FROM source_snapshot')).toEqual([
      { kind: 's3', place: 's3://lake', question: 's3://lake/rides/*/*.csv' },
    ]);
    expect(gets()).toHaveLength(5);
    expect((await rig.refit('run', 'rides')).stderr).toContain('skipped   train');
    expect(gets()).toHaveLength(5);
    expect(rig.files('.refit/tmp')).toEqual([]);
  });

  it('names what has changed, what is new and what is gone', async () => {
    for (let i = 1; i <= 3; i++) put(`rides/${i}.csv`, i);
    using rig = rigFor('s3://lake/rides/*.csv');
    await rig.refit('run', 'rides');
    put('rides/1.csv', 1, 2);
    server.objects.delete('rides/2.csv');
    put('rides/4.csv', 4);
    const again = await rig.refit('run', 'rides');
    expect(again.stderr).toContain('reading dataset "rides": rides/1.csv has changed');
    expect(again.stderr).toContain('reading dataset "rides": rides/4.csv is new');
    expect(again.stderr).toContain('dataset "rides": rides/2.csv is gone, and its 1 row with it');
    expect(model(rig)).toBe(3);
    expect((await rig.refit('run', 'rides')).stderr).not.toContain('is gone');
    // What connects to nothing sees the same.
    expect(await rig.json(0, 'plan', 'rides')).toMatchObject({ steps: [{ action: 'skip' }] });
    expect(await rig.json(0, 'reproduce', 'rides@1')).toMatchObject({ verdict: 'same', lost_inputs: [] });
    const why = (await rig.refit('why', 'rides@1')).stdout;
    expect(why).toMatch(/source +rides: s3 s3:\/\/lake, 3 snapshots of 3 rows, .*source version etag "/);
    put('rides/2.csv', 2);
    await rig.refit('run', 'rides');
    expect(model(rig)).toBe(4);
  });

  it('keeps rows of objects apart that end alike and hold the same bytes', async () => {
    put('rides/a/part.csv', 1);
    put('rides/b/part.csv', 1);
    using rig = rigFor('s3://lake/rides/**');
    await rig.refit('run', 'rides');
    expect(rig.files('.refit/sources')).toHaveLength(2);
  });

  it('is one object where the URL has no wildcard, also a compressed one', async () => {
    server.objects.set('rides.csv.gz', gzipSync('id,at\n1,2026-01-01\n'));
    put('rides.csv.gz.bak', 1, 2);
    using rig = rigFor('s3://lake/rides.csv.gz');
    expect(await rig.refit('run', 'rides')).toMatchObject({ exit: 0 });
    expect(read(rig)).toEqual([['rides.csv.gz', 1]]);
  });

  it('is read from Google by the same protocol', async () => {
    put('rides/1.csv', 1);
    using rig = rigFor('gs://lake/rides/*.csv', {
      AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1',
      STORAGE_EMULATOR_HOST: server.endpoint,
    });
    expect(await rig.refit('run', 'rides')).toMatchObject({ exit: 0 });
    expect(rig.query('SELECT kind, place FROM source_snapshot')).toEqual([{ kind: 'gcs', place: 'gs://lake' }]);
  });
});

describe('a bucket that says no', () => {
  const failing = async (rig: Rig, code: string) => {
    const ended = await rig.refit('run', 'rides', '--json');
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code } });
    expect(rig.has('.refit/sources')).toBe(false);
    expect(ended.stdout + ended.stderr).not.toContain(server.env.AWS_SECRET_ACCESS_KEY);
    return ended;
  };

  it.each([
    ['no object that matches', 's3://lake/rides/*.csv', {}, 'source-query-refused', 'has no object rides/*.csv'],
    ['no such bucket', 's3://sea/rides/*.csv', {}, 'source-query-refused', 'NoSuchBucket'],
    ['a wrong key', 's3://lake/rides/*.csv', { AWS_SECRET_ACCESS_KEY: 'wrong' }, 'source-login-refused', '403'],
    [
      'no server',
      's3://lake/rides/*.csv',
      { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' },
      'source-unreachable',
      'ECONNREFUSED',
    ],
  ])('%s', async (_, url, env, code, words) => {
    using rig = rigFor(url, env as Record<string, string>);
    expect((await failing(rig, code)).stdout).toContain(words);
  });

  it('an object that is changed between its listing and its reading', async () => {
    put('rides/1.csv', 1);
    server.cut = (method, key) => {
      if (method === 'GET' && key === 'rides/1.csv') put('rides/1.csv', 1, 2);
      return false;
    };
    using rig = rigFor('s3://lake/rides/*.csv');
    expect((await failing(rig, 'source-broken-off')).stdout).toContain('was changed while it was read');
  });

  it('an answer that does not come', async () => {
    put('rides/1.csv', 1);
    server.keepSilent = (method, key) => method === 'GET' && key === 'rides/1.csv';
    using rig = rigFor('s3://lake/rides/*.csv');
    rig.write({ 'pipelines/rides.yaml': pipeline('s3://lake/rides/*.csv', '\n    timeout: 1s') });
    await failing(rig, 'source-timed-out');
  });

  it('a URL without a key, before anything is asked', async () => {
    using rig = rigFor('s3://lake/rides/');
    const checked = await rig.refit('validate', 'rides');
    expect(checked.stdout + checked.stderr).toContain('is none of objects of S3: s3://bucket/rides/*.csv');
    using other = rigFor('{ from: LAKE }', { LAKE: 's3://lake' });
    expect((await failing(other, 'source-url-invalid')).stdout).toContain('no object in it');
    expect(server.requests).toEqual([]);
  });
});
