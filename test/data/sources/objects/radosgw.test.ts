import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { hasRadosgw, startRadosgw } from '../../../support/radosgw.js';
import { createRig } from '../../../support/rig.js';

const has = hasRadosgw();

it.skipIf(!has)(
  'reads objects of a real S3 server once for each ETag, and what has changed again',
  async () => {
    await using server = await startRadosgw('lake');
    const { endpoint, env } = server;
    using client = Object.assign(
      new S3Client({
        endpoint,
        region: 'default',
        forcePathStyle: true,
        credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID ?? '', secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '' },
      }),
      { [Symbol.dispose]: () => client.destroy() },
    );
    const put = (Key: string, ...ids: readonly number[]) =>
      client.send(
        new PutObjectCommand({
          Bucket: 'lake',
          Key,
          Body: `id,at\n${ids.map((id) => `${id},2026-01-0${id}\n`).join('')}`,
        }),
      );
    for (const i of [1, 2, 3]) await put(`rides/ü ${i}+&.csv`, i);
    await put('rides/notes.txt', 9);
    using rig = createRig(
      {
        'pipelines/rides.yaml': `pipeline: rides
datasets: { rides: { source: s3, url: "s3://lake/rides/*.csv", time: at } }
steps:
  train: { run: 'echo \${{ datasets.rides }} > model.txt', inputs: ["\${{ datasets.rides }}"], outputs: [model.txt] }
model: model.txt
`,
      },
      { ...env, AWS_REGION: 'default', AWS_ENDPOINT_URL_S3: endpoint },
    );
    await rig.json(0, 'run', 'rides');
    const read = () => rig.query('SELECT object, rows FROM source_snapshot ORDER BY id');
    expect(read()).toEqual([1, 2, 3].map((i) => ({ object: `rides/ü ${i}+&.csv`, rows: 1 })));
    const gets = () => server.requests().filter((one) => /^GET \S+\.csv/.test(one)).length;
    expect(gets()).toBe(3);
    expect((await rig.refit('run', 'rides')).stderr).toContain('skipped   train');
    expect(gets()).toBe(3);
    await put('rides/ü 1+&.csv', 1, 2);
    await client.send(new DeleteObjectCommand({ Bucket: 'lake', Key: 'rides/ü 2+&.csv' }));
    const again = await rig.refit('run', 'rides');
    expect(again.stderr).toContain('rides/ü 1+&.csv has changed');
    expect(again.stderr).toContain('rides/ü 2+&.csv is gone, and its 1 row with it');
    expect(gets()).toBe(4);
    expect(await rig.json(0, 'reproduce', 'rides@1')).toMatchObject({ verdict: 'same', lost_inputs: [] });
  },
  120_000,
);
