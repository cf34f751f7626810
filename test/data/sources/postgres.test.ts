import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../../support/rig.js';
import { hasPostgres, type PostgresServer, startPostgres } from '../../support/servers/postgres.js';

const isThere = hasPostgres();
let server: PostgresServer;
beforeAll(async () => {
  if (isThere) server = await startPostgres();
}, 60_000);
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

const TRAIN = `const { readFileSync, writeFileSync } = require('node:fs');
const files = process.argv.slice(2);
writeFileSync('model.txt', files.map((file) => readFileSync(file).toString('base64')).join('\\n'));
writeFileSync('metrics.json', JSON.stringify({ files: files.length }));
`;

const pipeline = (source: string): string => `pipeline: rides
datasets:
  rides:
    source: postgres
    url: { from: RIDES_URL }
    time: at
${source}
steps:
  train:
    run: node train.cjs \${{ datasets.rides }}
    inputs: [train.cjs, "\${{ datasets.rides }}"]
    outputs: [model.txt]
    metrics: metrics.json
model: model.txt
`;

const QUERY = `    query: >-
      select id, at, fare from TABLE where at >= \${{ window.from }} and at < \${{ window.until }} order by id`;

const rigFor = (source: string, url = server.url): Rig =>
  createRig({ 'pipelines/rides.yaml': pipeline(source), 'train.cjs': TRAIN }, { RIDES_URL: url });

async function createTable(name: string): Promise<void> {
  await server.run(`create table ${name}(id bigint, at timestamptz, fare numeric(8,2), updated timestamptz default now());
    insert into ${name}(id, at, fare) select i, timestamptz '2026-01-01' + i * interval '1 hour', i * 1.25
    from generate_series(0, 24 * 20 - 1) as i`);
}

describe.skipIf(!isThere)('a dataset from PostgreSQL', () => {
  it('is read once for each final window', async () => {
    await createTable('once');
    using rig = rigFor(`${QUERY.replace('TABLE', 'once')}\n    from: 2026-01-01\n    every: 7d`);
    const run = await rig.refit('run', 'rides', '--now', '2026-01-20');
    console.log(run);
    expect(run.exit).toBe(0);
    const second = await rig.refit('run', 'rides', '--now', '2026-01-20');
    console.log(second, rig.query('select * from source_snapshot'), rig.files('.refit/sources'));
  });
});
