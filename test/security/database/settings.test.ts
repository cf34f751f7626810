import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isInstalled } from '../../support/required.js';
import { createRig, until } from '../../support/rig.js';
import { hasStrace, traceRefit } from '../../support/strace.js';

const canTrace = isInstalled(hasStrace(), 'strace');

const pipeline = (select: string): Readonly<Record<string, string>> => ({
  'x.csv': 'a\n1\n2\n',
  'pipelines/p.yaml': `pipeline: p
datasets: { x: { path: x.csv }, q: { path: { query: "${select}" } } }
steps: { s: { run: 'true', inputs: ["\${{ datasets.q }}"], outputs: [o] } }
`,
  '.refit/keep': '',
});

it.skipIf(!canTrace)(
  'SQL opens no connection, and neither loads nor installs an extension',
  () => {
    for (const select of [
      "SELECT * FROM 'http://127.0.0.1:9/x.csv'",
      "SELECT * FROM read_csv('https://example.org/x.csv')",
      "SELECT * FROM read_parquet('s3://bucket/x.parquet')",
      "SELECT * FROM sqlite_scan('x.db', 't')",
      "SELECT * FROM postgres_scan('host=127.0.0.1', 'public', 't')",
      "SELECT * FROM st_read('x.shp')",
      "SELECT * FROM read_xlsx('x.xlsx')",
    ]) {
      using rig = createRig(pipeline(select));
      const traced = traceRefit(rig.root, ['check-data', 'p'], { HOME: rig.root });
      expect({ select, failed: traced.exit !== 0, isBug: traced.exit === 70 }).toEqual({
        select,
        failed: true,
        isBug: false,
      });
      const extensions = [...traced.opened, ...traced.written].filter((path) =>
        /duckdb_extension|\.duckdb\//.test(path),
      );
      expect({ select, connected: traced.connected, extensions }).toEqual({ select, connected: [], extensions: [] });
    }
  },
  120_000,
);

it.skipIf(!canTrace)(
  'what DuckDB spills lies in a folder of this process, and is gone afterwards',
  () => {
    // More distinct texts than fit into the memory that DuckDB may use.
    using rig = createRig(
      pipeline('SELECT count(DISTINCT t) AS n FROM (SELECT repeat(md5(range::VARCHAR), 10) AS t FROM range(4000000))'),
      { REFIT_QUERY_SECONDS: '100' },
    );
    const traced = traceRefit(rig.root, ['check-data', 'p']);
    expect(traced.exit, traced.output).toBe(0);
    const spilled = traced.written.filter((path) => path.includes('duckdb_temp'));
    const own = join(rig.root, '.refit/tmp/data-');
    expect(spilled.length).toBeGreaterThan(0);
    expect(spilled.filter((path) => !path.startsWith(own))).toEqual([]);
    expect(rig.files('.refit/tmp')).toEqual([]);
    expect(statSync(join(rig.root, '.refit')).isDirectory()).toBe(true);
  },
  120_000,
);

it('only its user may open the folder of what DuckDB spills, whatever the umask', async () => {
  using rig = createRig(
    pipeline('SELECT count(DISTINCT t) AS n FROM (SELECT repeat(md5(range::VARCHAR), 10) AS t FROM range(4000000))'),
    { REFIT_QUERY_SECONDS: '100' },
  );
  const umask = process.umask(0);
  const checking = rig.start('check-data', 'p');
  process.umask(umask);
  const below = (folder: string): readonly string[] => {
    try {
      return readdirSync(join(rig.root, folder)).map((name) => `${folder}/${name}`);
    } catch {
      // The command has removed it.
      return [];
    }
  };
  const own = (): string | undefined => below('.refit/tmp').find((path) => path.includes('/data-'));
  let mode: number | undefined;
  let hasSpilled = false;
  let hasEnded = false;
  checking.ended.finally(() => {
    hasEnded = true;
  });
  await until(() => {
    const folder = own();
    if (folder !== undefined && below(`${folder}/spill`).length > 0) {
      hasSpilled = true;
      mode = statSync(join(rig.root, folder)).mode & 0o777;
    }
    return hasSpilled || hasEnded;
  });
  expect({ hasSpilled, mode }).toEqual({ hasSpilled: true, mode: 0o700 });
  expect(await checking.ended).toMatchObject({ exit: 0 });
}, 300_000);
