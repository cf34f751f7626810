import { cpSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../../support/rig.js';
import { hasPostgres, type PostgresServer, startPostgres } from '../../support/servers/postgres.js';

const isThere = hasPostgres();
let server: PostgresServer;
beforeAll(async () => {
  if (!isThere) return;
  server = await startPostgres();
  await server.run(`create table trips(id bigint, at timestamptz, distance float8, late bool);
    insert into trips select i, timestamptz '2026-01-01' + i * interval '10 minutes', 100 + i % 97, i % 3 = 0
    from generate_series(0, 6 * 24 * 60 - 1) as i;
    create table served(id bigint, at timestamptz, score float8);
    insert into served select id, at, case when late then 0.7 else 0.2 end from trips`);
}, 300_000);
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

const PIPELINE = `pipeline: trips
datasets:
  trips:
    source: postgres
    url: { from: TRIPS_URL }
    query: select id, at, distance, late from trips where at >= \${{ window.from }} and at < \${{ window.until }} order by id
    from: 2026-01-01
    every: 10d
    time: at
  served:
    source: postgres
    url: { from: TRIPS_URL }
    query: select * from served order by id
    time: at
steps:
  train:
    run: for one in \${{ datasets.trips }}; do cat "$one" > rows.parquet; done; wc -c rows.parquet > model.txt
    inputs: ["\${{ datasets.trips }}"]
    outputs: [rows.parquet, model.txt]
model:
  path: model.txt
  evaluate: { run: "echo '{\\"auc\\": 0.7}' > \${{ evaluation.path }}", inputs: [] }
  gate: [auc >= 0.6]
  publish: { path: serving/trips }
monitor:
  reference: rows.parquet
  current: { dataset: trips, window: 10d }
  predictions: { dataset: served, time: at, key: id, prediction: score }
  labels: { query: "select id, late from \${{ datasets.trips }}", key: id, label: late, delay: 1h }
  ignore: [id]
retrain:
  when: { new_data: { dataset: trips, rows: 1000 } }
`;

const rigFor = (url: string): Rig => createRig({ 'pipelines/trips.yaml': PIPELINE }, { TRIPS_URL: url });
const NOWHERE = 'postgres://reader:only-reads@127.0.0.1:1/rides';

describe.skipIf(!isThere)('commands about a pipeline with a remote source', () => {
  it('read it where they check, train and retrain', async () => {
    using rig = rigFor(server.url);
    const first = await rig.json(0, 'retrain', 'trips', '--now', '2026-01-11');
    expect(first).toMatchObject({ decision: 'retrain', because: { condition: 'no-champion' } });
    const data = await rig.refit('check-data', 'trips', '--now', '2026-01-21');
    expect(data.stderr).toContain(
      'connects to postgres, the URL in TRIPS_URL, for dataset "trips"; --no-commands refuses it',
    );
    expect(data).toMatchObject({ exit: 0 });
    expect(await rig.json(0, 'check-drift', 'trips', '--now', '2026-01-21')).toMatchObject({
      verdict: 'stable',
      current: { rows: 1440 },
    });
    expect(await rig.json(0, 'check-performance', 'trips', '--now', '2026-01-21')).toMatchObject({
      counts: { predictions: 8640, labelled: 2880 },
      current: { n: 1434 },
    });
    const second = await rig.json(0, 'retrain', 'trips', '--now', '2026-01-21');
    expect(second).toMatchObject({ decision: 'retrain', because: { state: 'fired' } });
  });

  it.each(['check-data', 'check-drift', 'check-performance'])(
    '%s refuses to connect with --no-commands',
    async (command) => {
      using rig = rigFor(NOWHERE);
      const ended = await rig.refit(command, 'trips', '--no-commands', '--json');
      expect(ended.exit).toBe(1);
      expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: 'source-refused' } });
    },
  );

  it('do not connect to plan, to show or to explain', async () => {
    using rig = rigFor(server.url);
    await rig.refit('retrain', 'trips', '--now', '2026-01-11');
    using other = createRig({}, { TRIPS_URL: NOWHERE });
    cpSync(rig.root, other.root, { recursive: true, verbatimSymlinks: true });
    for (const args of [
      ['validate'],
      ['status'],
      ['why', 'trips'],
      ['plan', 'trips'],
      ['report', 'trips', '-o', 'r.html'],
      ['export', 'openlineage', '-o', 'l.json'],
      ['gc'],
    ]) {
      const ended = await other.refit(...args);
      expect([args[0], ended.exit, ended.stderr.includes('ECONNREFUSED')]).toEqual([args[0], 0, false]);
    }
    const planned = await other.json(0, 'plan', 'trips');
    expect(planned.steps).toMatchObject([{ name: 'train', action: 'skip' }]);
  });

  it('record nothing in a dry run', async () => {
    using rig = rigFor(server.url);
    await rig.refit('retrain', 'trips', '--now', '2026-01-11');
    const before = rig.query('SELECT * FROM source_snapshot');
    expect((await rig.refit('retrain', 'trips', '--dry-run', '--now', '2026-01-21')).exit).toBe(0);
    expect(rig.query('SELECT * FROM source_snapshot')).toEqual(before);
  });

  it('keep the snapshots that are needed when garbage is collected, and read lost ones again', async () => {
    using rig = rigFor(server.url);
    for (const now of ['2026-01-11', '2026-01-12', '2026-01-13']) await rig.refit('run', 'trips', '--now', now);
    const files = rig.files('.refit/sources/trips');
    expect(files).toHaveLength(3);
    expect((await rig.refit('gc', '--apply')).exit).toBe(0);
    expect(rig.files('.refit/sources/trips')).toHaveLength(2);
    expect((await rig.refit('verify')).exit).toBe(0);
    expect(await rig.json(0, 'plan', 'trips')).toMatchObject({ steps: [{ action: 'skip' }] });
  });

  it('hide the address: it stands in no file below the workspace', async () => {
    using rig = rigFor(server.url);
    await rig.refit('retrain', 'trips', '--now', '2026-01-11', '--verbose');
    const holding = rig.files('.').filter((file) => rig.read(file).includes('only-reads'));
    expect(holding).toEqual([]);
  });

  it('do not pass the address on to steps that do not name it', async () => {
    using rig = createRig(
      { 'pipelines/trips.yaml': PIPELINE.replace('wc -c rows.parquet', 'echo "${TRIPS_URL-none}"') },
      { TRIPS_URL: server.url },
    );
    await rig.refit('run', 'trips', '--now', '2026-01-11');
    expect(rig.read('model.txt')).toBe('none\n');
  });
});
