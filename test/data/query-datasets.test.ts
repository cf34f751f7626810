import { mkdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRig } from '../support/rig.js';

const rows = (from: number, until: number): string =>
  `id,day,origin,delay\n${Array.from({ length: until - from }, (_, i) => `${from + i},2026-01-${String(1 + ((from + i) % 28)).padStart(2, '0')},${'ab'[(from + i) % 2]},${(from + i) % 40}`).join('\n')}\n`;

const pipeline = (query: string, more = ''): string => `pipeline: p
params: { origin: a }
datasets:
  flights: { path: "data/*.csv", time: day }
  late:
    path: { query: ${JSON.stringify(query)} }
    time: day
    checks: { columns: { delay: { min: 0, max: 30 } } }
steps:
  copy:
    run: printf 'x' >> ran.txt; cp \${{ datasets.late }} work.parquet
    inputs: ["\${{ datasets.late }}"]
    outputs: [work.parquet]
${more}`;

const FROM_FLIGHTS = 'select id, day, delay from ${{ datasets.flights }} where origin = ${{ params.origin }}';

it('passes a query to a step as one Parquet copy, which stays fresh until its text or its files change', async () => {
  using rig = createRig({ 'data/a.csv': rows(0, 100), 'pipelines/p.yaml': pipeline(FROM_FLIGHTS) });
  const ran = async (): Promise<number> => {
    await rig.json(0, 'run', 'p');
    return rig.read('ran.txt').length;
  };
  expect(await ran()).toBe(1);
  expect(await ran()).toBe(1);
  const [step] = (await rig.json(0, 'plan', 'p')).steps;
  expect(step.action).toBe('skip');
  rig.write({ 'data/b.csv': rows(100, 120) });
  expect((await rig.json(0, 'plan', 'p')).steps[0].reasons[0].code).toBe('input-changed');
  expect(await ran()).toBe(2);
  rig.write({ 'pipelines/p.yaml': pipeline(`${FROM_FLIGHTS} and delay > 5`) });
  expect(await ran()).toBe(3);
  expect(await ran()).toBe(3);
  expect((await rig.json(0, 'run', 'p', '--param', 'origin=b')).run.steps[0].status).toBe('succeeded');
  const reads = rig.query("SELECT DISTINCT path FROM lineage WHERE dataset = 'late' ORDER BY path");
  expect(reads).toEqual([{ path: 'data/a.csv' }, { path: 'data/b.csv' }]);
  expect(rig.files('.refit/tmp').filter((file) => file.endsWith('.parquet'))).toEqual([]);
});

it('notices changes in files outside of datasets and in functions, by the result of the query', async () => {
  const direct = "select id, day, delay from read_csv('data/a.csv')";
  using rig = createRig({ 'data/a.csv': rows(0, 50), 'other.csv': 'id\n1\n', 'pipelines/p.yaml': pipeline(direct) });
  const ran = async (): Promise<number> => {
    await rig.json(0, 'run', 'p');
    return rig.read('ran.txt').length;
  };
  expect(await ran()).toBe(1);
  expect(await ran()).toBe(1);
  rig.write({ 'data/a.csv': rows(0, 51) });
  expect(await ran()).toBe(2);
  // it names a dataset, and yet reads another file
  rig.write({
    'pipelines/p.yaml': pipeline(`${FROM_FLIGHTS} and id in (select id from 'other.csv')`),
    'other.csv': 'id\n2\n4\n',
  });
  expect(await ran()).toBe(3);
  expect(await ran()).toBe(3);
  rig.write({ 'other.csv': 'id\n2\n4\n6\n' });
  expect(await ran()).toBe(4);
  // by the clock: each time other bytes
  rig.write({ 'pipelines/p.yaml': pipeline(FROM_FLIGHTS.replace('delay', 'delay, current_timestamp as at')) });
  expect(await ran()).toBe(5);
  expect(await ran()).toBe(6);
});

it('checks, cuts and shows a query like any dataset', async () => {
  using rig = createRig({ 'data/a.csv': rows(0, 280), 'pipelines/p.yaml': pipeline(FROM_FLIGHTS) });
  const report = await rig.json(4, 'check-data', 'p', '--dataset', 'late');
  expect(report.problems[0]).toMatchObject({ code: 'out-of-range', column: 'delay' });
  expect(report.problems[0].sql).toContain("'data/a.csv'");
  expect(report.datasets[0].rows).toBe(140);
  // 14 of 28 days
  const before = await rig.json(4, 'check-data', 'p', '--dataset', 'late', '--now', '2026-01-15');
  expect(before.datasets[0].rows).toBe(70);
  await rig.json(0, 'run', 'p', '--now', '2026-01-15');
  const written = await rig.json(0, 'check-data', 'work.parquet');
  expect(written.datasets[0].rows).toBe(70);
});

it('orders steps by the datasets of a query, and names what is wrong with one', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
datasets:
  made: { path: work/made.csv }
  some: { path: { query: "from \${{ datasets.made }} where x > 1" } }
  more: { path: { query: "from \${{ datasets.some }} where x > 2" } }
steps:
  read: { run: "cp \${{ datasets.more }} out.parquet", inputs: ["\${{ datasets.more }}"], outputs: [out.parquet] }
  make: { run: "printf 'x\\\\n1\\\\n2\\\\n3\\\\n' > work/made.csv", inputs: [], outputs: [work/made.csv] }
`,
    'pipelines/q.yaml': `pipeline: q
datasets:
  a: { path: { query: "select * from \${{ datasets.b }}" } }
  b: { path: { query: "select * from \${{ datasets.a }}" } }
  c: { path: { query: "select 1; drop table x" } }
  d: { path: { query: "delete from x" } }
  e: { path: { query: "select * from '\${{ datasets.d }}'" } }
  f: { path: { query: "select * from \${{ datasets.g }}" } }
steps: { s: { run: "true" } }
`,
    'pipelines/r.yaml': `pipeline: r
datasets: { a: { path: { query: "select nothing from range(3)" } } }
steps: { s: { run: "true \${{ datasets.a }}", inputs: ["\${{ datasets.a }}"] } }
`,
  });
  expect((await rig.json(0, 'run', 'p')).run.steps.map((step: { name: string }) => step.name)).toEqual([
    'make',
    'read',
  ]);
  expect((await rig.json(0, 'check-data', 'out.parquet')).datasets[0].rows).toBe(1);
  const refused = await rig.refit('validate', 'q');
  expect(refused.exit).toBe(2);
  for (const [place, code] of [
    ['3:23', 'dataset-cycle'],
    ['4:23', 'dataset-cycle'],
    ['5:23', 'not-a-query'],
    ['6:23', 'not-a-query'],
    ['7:23', 'quoted-value'],
    ['8:23', 'unknown-value'],
  ])
    expect(refused.stderr).toContain(`pipelines/q.yaml:${place} error ${code}`);
  const failed = await rig.refit('run', 'r');
  expect(failed.exit).toBe(4);
  expect(failed.stderr).toContain('dataset "a"');
  expect(failed.stderr).toContain('nothing');
});

it('copies a query only for a step that runs, once for those side by side, and not for one that is fresh', async () => {
  using rig = createRig({
    'data/a.csv': rows(0, 100),
    'pipelines/p.yaml': pipeline(
      FROM_FLIGHTS,
      `  also:
    run: cp \${{ inputs[0] }} also.parquet
    inputs: ["\${{ datasets.late }}"]
    outputs: [also.parquet]
`,
    ),
  });
  await rig.json(0, 'validate', 'p');
  mkdirSync(join(rig.root, '.refit/tmp'), { recursive: true });
  const made: string[] = [];
  const watcher = watch(join(rig.root, '.refit/tmp'), (_, name) => made.push(String(name)));
  const copies = async (): Promise<number> => {
    made.length = 0;
    await rig.json(0, 'run', 'p');
    return new Set(made.filter((name) => name.startsWith('query'))).size;
  };
  try {
    expect(await copies()).toBe(1);
    expect((await rig.json(0, 'check-data', 'also.parquet')).datasets[0].rows).toBe(50);
    expect(await copies()).toBe(0);
    rig.remove('work.parquet');
    expect(await copies()).toBe(0);
    rig.write({ 'data/b.csv': rows(100, 120) });
    expect(await copies()).toBe(1);
  } finally {
    watcher.close();
  }
});

it('reports an unreadable query at its step, after the steps that do not need it', async () => {
  using rig = createRig({
    'data/a.csv': rows(0, 10),
    'pipelines/p.yaml': pipeline(
      'select id::INTEGER as id, day, origin::INTEGER as delay from ${{ datasets.flights }}',
      '  first: { run: echo done > first.txt, inputs: [], outputs: [first.txt] }\n',
    ).replace('copy:\n', 'copy:\n    after: [first]\n'),
  });
  const failed = await rig.refit('run', 'p', '--json');
  const { run } = JSON.parse(failed.stdout);
  expect(rig.has('first.txt')).toBe(true);
  expect(failed.exit).toBe(1);
  expect(run.steps.map(({ name, status }: { name: string; status: string }) => [name, status])).toEqual([
    ['first', 'succeeded'],
    ['copy', 'failed'],
  ]);
  expect(failed.stderr).toContain('dataset "late"');
});
