import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { createRig } from '../../support/rig.js';
import { hasPostgres, startPostgres } from '../../support/servers/postgres.js';

const PROJECT = resolve(import.meta.dirname, '../../..');

it.skipIf(!hasPostgres())(
  'the flights pipeline retrains from a table, and reproduces its model after the table is gone',
  async () => {
    await using server = await startPostgres();
    using rig = createRig({}, { DATABASE_URL: server.url });
    for (const path of ['pipelines/flights', 'pipelines/flights-postgres.yaml']) rig.copy(path, path);
    rig.link('node_modules', resolve(PROJECT, 'node_modules'));
    const load = (month: string) =>
      execFileSync(process.execPath, ['pipelines/flights/load-postgres.js', month], {
        cwd: rig.root,
        env: { ...process.env, LOADER_URL: server.ownerUrl },
      });
    load('2001-01');
    const first = await rig.json(0, 'retrain', 'flights-postgres', '--now', '2001-02-01');
    expect(first).toMatchObject({ decision: 'retrain', promotion: { to: 1 } });
    load('2001-02');
    const second = await rig.json(0, 'retrain', 'flights-postgres', '--now', '2001-03-01');
    expect(second).toMatchObject({ decision: 'retrain', because: { state: 'fired' } });
    // The week that ended after 1 February was read again; the four before it were not.
    expect(rig.query("SELECT count(*) AS n FROM source_snapshot WHERE window_until < '2001-01-30'")).toEqual([
      { n: 4 },
    ]);
    await server.run('drop table flights');
    expect(await rig.json(0, 'reproduce', 'flights-postgres@1')).toMatchObject({ verdict: 'same' });
  },
  180_000,
);
