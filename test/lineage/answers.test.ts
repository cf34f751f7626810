import { expect, it } from 'vitest';
import { createRig, type Document, type Rig } from '../support/rig.js';
import { SHIFTED_CLOCK, setClock } from '../support/shifted-clock.js';

const PIPELINE = (name: string): string =>
  `pipeline: ${name}
datasets:
  trips: { path: "data/*.csv", time: date, checks: { freshness: 10d } }
steps:
  extract:
    run: cat $REFIT_DATA > work/${name}/rows.csv
    inputs: ["\${{ datasets.trips }}"]
    outputs: [work/${name}/rows.csv]
monitor:
  reference: work/${name}/rows.csv
  current: { dataset: trips, window: 28d }
`.replace('cat $REFIT_DATA', 'head -n 1000000 -q ${{ datasets.trips }}');

/** 20 rows a day; `value` gets the day and the row. */
function days(from: string, count: number, value: (day: number, i: number) => number): string {
  const start = Date.parse(from);
  const lines = Array.from({ length: count * 20 }, (_, k) => {
    const [day, i] = [Math.floor(k / 20), k % 20];
    return `${new Date(start + day * 86_400_000 + i * 3_600_000).toISOString()},${value(day, i)}`;
  });
  return `date,distance\n${lines.join('\n')}\n`;
}

/** Values from 10 to 30 with the same distribution every day, but not on a grid. */
const usual = (day: number, i: number): number => 10 + i + ((day * 37 + i * 11) % 100) / 100;

const rig = (february: string): Rig =>
  createRig(
    {
      'pipelines/a.yaml': PIPELINE('a'),
      'pipelines/b.yaml': PIPELINE('b'),
      'data/01.csv': days('2026-01-01', 31, usual),
      'february.csv': february,
    },
    SHIFTED_CLOCK,
  );

async function trained(february: string): Promise<Rig> {
  const made = rig(february);
  for (const name of ['a', 'b']) await made.json(0, 'run', name, '--now', '2026-02-01');
  made.write({ 'data/02.csv': february });
  return made;
}

const check = (made: Rig, exit: number, name = 'a', now = '2026-03-01'): Promise<Document> =>
  made.json(exit, 'check-drift', name, '--now', now);

it('releases only the pipeline whose finding was answered', async () => {
  using made = await trained(days('2026-02-01', 28, (day, i) => 1000 * usual(day, i)));
  const [bug] = (await check(made, 4)).data_bugs;
  expect(bug).toMatchObject({ kind: 'scaled', column: 'distance', calls: null });
  const [other] = (await check(made, 4, 'b')).data_bugs;
  expect(other.id).not.toBe(bug.id);
  await made.json(0, 'resolve', bug.id, '--as', 'normal', '--reason', 'metres from now on');
  const after = await check(made, 3);
  expect(after.data_bugs).toEqual([]);
  expect(after.warnings[0]).toMatchObject({ id: bug.id, calls: { answered: 1, bugs: 0 } });
  expect((await check(made, 4, 'b')).data_bugs).toHaveLength(1);
});

it('takes the answer that was given last, also where the clock that gave the first one was ahead', async () => {
  using made = await trained(days('2026-02-01', 28, (day, i) => 1000 * usual(day, i)));
  const [bug] = (await check(made, 4)).data_bugs;
  setClock(made, '2099-01-01T00:00:00Z');
  await made.json(0, 'resolve', bug.id, '--as', 'normal', '--reason', 'metres from now on');
  setClock(made, '2098-01-01T00:00:00Z');
  expect((await check(made, 3)).data_bugs).toEqual([]);
  await made.json(0, 'resolve', bug.id, '--as', 'bug', '--reason', 'no, it was a fault');
  expect((await made.json(0, 'status', 'a')).pipelines[0].open_findings).toEqual([]);
  expect((await made.json(0, 'plan', 'a', '--now', '2026-03-01')).steps[0].reasons).toContainEqual(
    expect.objectContaining({ code: 'exclusion-changed' }),
  );
});

it('holds again when a finding gets much worse than the one that was called normal', async () => {
  using made = await trained(days('2026-02-01', 1, usual));
  const [stale] = (await check(made, 4, 'a', '2026-02-20')).data_bugs;
  expect(stale.kind).toBe('stale');
  await made.json(0, 'resolve', stale.id, '--as', 'normal', '--reason', 'a holiday');
  await check(made, 0, 'a', '2026-02-22');
  const later = (await made.json(4, 'check-drift', 'a', '--now', '2026-04-20')).data_bugs;
  expect(later[0].kind).toBe('stale');
  expect(later[0].id).not.toBe(stale.id);
});

it('excludes the rows of a bug from windows and from step inputs', async () => {
  using made = await trained(days('2026-02-01', 28, (day, i) => (i % 4 === 0 ? -999 : usual(day, i))));
  const [bug] = (await check(made, 4)).data_bugs;
  expect(bug).toMatchObject({ kind: 'sentinel', sql: '"distance" = -999' });
  expect(await made.json(0, 'resolve', bug.id, '--as', 'bug', '--reason', 'the meter')).toMatchObject({
    excluded: true,
  });
  const after = await made.json(0, 'check-drift', 'a', '--now', '2026-03-01', '--exit-zero');
  expect(after).toMatchObject({ data_bugs: [], current: { rows: 28 * 15 } });
  await made.json(0, 'run', 'a', '--now', '2026-03-01');
  expect(made.read('work/a/rows.csv')).not.toContain('-999');
});

it('expects the drift of one event, and excludes the rows of another', async () => {
  using made = await trained(days('2026-02-01', 28, (day, i) => usual(day, i) + (day < 10 ? 40 : 0)));
  expect((await check(made, 3)).verdict).toBe('drift');
  const span = ['--from', '2026-02-01', '--until', '2026-02-11'];
  await made.json(0, 'event', 'a', ...span, '--name', 'storm');
  const during = await check(made, 0);
  expect(during).toMatchObject({ verdict: 'stable', events: [{ name: 'storm', effect: 'suppress' }] });
  expect(during.features[0].detail).toContain('storm');
  const shown = (await made.refit('check-drift', 'a', '--now', '2026-03-01')).stdout;
  expect(shown).toMatch(/distance: expected during "storm"/);
  expect((await made.json(0, 'status', 'a', '--now', '2026-02-20')).pipelines[0].events).toHaveLength(1);
  expect((await made.json(0, 'status', 'a', '--now', '2026-04-20')).pipelines[0].events).toHaveLength(0);
  await made.json(0, 'event', 'b', ...span, '--name', 'outage', '--effect', 'exclude');
  expect(await check(made, 0, 'b')).toMatchObject({ verdict: 'stable', current: { rows: 18 * 20 } });
  expect((await made.json(0, 'status', 'b', '--now', '2026-02-05')).pipelines[0].events).toHaveLength(1);
  const wrong = await made.refit('event', 'a', '--from', '2026-02-11', '--until', '2026-02-01', '--name', 'x');
  expect(wrong.exit).toBe(2);
});

it('calls no feed stopped whose newest rows are only kept out', async () => {
  using made = await trained(days('2026-02-01', 28, usual));
  const span = ['--from', '2026-02-17', '--until', '2026-03-01'];
  await made.json(0, 'event', 'a', ...span, '--name', 'outage', '--effect', 'exclude');
  expect(await check(made, 0)).toMatchObject({ data_bugs: [], current: { rows: 16 * 20 } });
});

it('also excludes the rows of an event from a query dataset', async () => {
  using made = await trained(days('2026-02-01', 28, (day, i) => usual(day, i) + (day < 10 ? 40 : 0)));
  made.write({
    'pipelines/c.yaml': PIPELINE('c').replace(
      'datasets:\n',
      'datasets:\n  near: { path: { query: "SELECT * FROM ${{ datasets.trips }} WHERE distance < 100" }, time: date }\n',
    ),
  });
  const rowsOf = async (): Promise<unknown> =>
    (await made.json(0, 'check-data', 'c', '--dataset', 'near', '--now', '2026-03-01')).datasets[0].rows;
  expect(await rowsOf()).toBe((31 + 28) * 20);
  const span = ['--from', '2026-02-01', '--until', '2026-02-11'];
  await made.json(0, 'event', 'c', ...span, '--name', 'outage', '--effect', 'exclude');
  expect(await rowsOf()).toBe((31 + 18) * 20);
});

/** Every fourth row of February has the distance `bad`. */
const broken = (bad = -999): string => days('2026-02-01', 28, (day, i) => (i % 4 === 0 ? bad : usual(day, i)));

async function callBug(made: Rig, name: string): Promise<Document> {
  const bugs = (await made.json(4, 'check-drift', name, '--now', '2026-03-01')).data_bugs;
  expect(bugs).toHaveLength(1);
  return made.json(0, 'resolve', bugs[0].id, '--as', 'bug', '--reason', 'the meter');
}

it('shows in the plan which rows are newly excluded, old → new', async () => {
  using made = await trained(broken());
  const reasons = async (): Promise<readonly string[]> =>
    (await made.json(0, 'plan', 'a', '--now', '2026-03-01')).steps[0].reasons.map((one: Document) => one.code);
  expect(await reasons()).toEqual(['input-changed']);
  await callBug(made, 'a');
  expect(await reasons()).toEqual(['exclusion-changed', 'input-changed']);
  const shown = (await made.refit('plan', 'a', '--now', '2026-03-01')).stdout;
  expect(shown).toContain(
    'exclusion-changed rows kept out of trips: nothing → 2026-02-01T00:00:00.000Z..2026-03-01T00:00:00.000Z "distance" = -999',
  );
  await made.json(0, 'run', 'a', '--now', '2026-03-01');
  const again = (await made.json(0, 'plan', 'a', '--now', '2026-03-01')).steps[0];
  expect(again.action).toBe('skip');
});

it('excludes rows found in a query from step inputs of the underlying dataset', async () => {
  using made = await trained(broken());
  const query = 'SELECT date, distance FROM ${{ datasets.trips }} WHERE distance < 29';
  made.write({
    'pipelines/a.yaml': PIPELINE('a')
      .replace('datasets:\n', `datasets:\n  near: { path: { query: "${query}" }, time: date }\n`)
      .replace('dataset: trips', 'dataset: near'),
  });
  expect(await callBug(made, 'a')).toMatchObject({ excluded: true, excluded_from: ['near', 'trips'] });
  const after = await made.json(0, 'check-drift', 'a', '--now', '2026-03-01', '--exit-zero');
  expect(after.data_bugs).toEqual([]);
  await made.json(0, 'run', 'a', '--now', '2026-03-01');
  const rows = made.read('work/a/rows.csv');
  expect(rows).not.toContain('-999');
  expect(rows).toContain('2026-02-14');
});

const PREPARED = (column: string): string => `
pipeline: a
datasets:
  trips: { path: "data/*.csv", time: date }
steps:
  extract:
    run: (echo date,${column}; tail -q -n +2 \${{ datasets.trips }}) > \${{ outputs.rows }}
    inputs: ["\${{ datasets.trips }}"]
    outputs: { rows: work/a/rows.csv }
monitor:
  reference: work/a/rows.csv
  current: { dataset: trips, window: 28d, prepare: extract }
`;

it('excludes rows found in a prepared window from the underlying dataset', async () => {
  using made = rig(broken());
  made.write({ 'pipelines/a.yaml': PREPARED('distance') });
  await made.json(0, 'run', 'a', '--now', '2026-02-01');
  made.write({ 'data/02.csv': broken() });
  expect(await callBug(made, 'a')).toMatchObject({ excluded: true, excluded_from: ['trips'] });
  const after = await made.json(0, 'check-drift', 'a', '--now', '2026-03-01', '--exit-zero');
  expect(after).toMatchObject({ data_bugs: [], current: { rows: 28 * 15 } });
  await made.json(0, 'run', 'a', '--now', '2026-03-01');
  expect(made.read('work/a/rows.csv')).not.toContain('-999');
});

it('excludes rows by a column that only prepared data has from prepared windows and references, and reports it', async () => {
  using made = rig(broken());
  made.write({ 'pipelines/a.yaml': PREPARED('metres') });
  await made.json(0, 'run', 'a', '--now', '2026-02-01');
  made.write({ 'data/02.csv': broken() });
  expect(await callBug(made, 'a')).toMatchObject({ excluded: true, excluded_from: [] });
  const check = () => made.json(0, 'check-drift', 'a', '--now', '2026-03-01', '--exit-zero');
  expect(await check()).toMatchObject({ data_bugs: [], current: { rows: 28 * 15 } });
  await made.json(0, 'run', 'a', '--now', '2026-03-01');
  // The reference file of this run still has the rows, but windows are not compared with them.
  expect(made.read('work/a/rows.csv')).toContain('-999');
  expect(await check()).toMatchObject({ reference: { rows: (31 + 28) * 20 - 28 * 5 } });
});
