import { expect, it } from 'vitest';
import { seededNormal } from '../../src/statistics/random.js';
import { createRig, type Document, type Rig } from '../support/rig.js';

const HOUR_MS = 3_600_000;

/** Hourly rows; sales rise in the second half of December, and for good from `changed` on. */
function sales(seed: number, [from, to]: readonly [string, string], changed = '9999'): string {
  const normal = seededNormal(seed);
  const lines = ['at,sales,price,shop'];
  for (let at = Date.parse(from); at < Date.parse(to); at += HOUR_MS) {
    const moment = new Date(at).toISOString();
    const season = moment.slice(5, 7) === '12' && Number(moment.slice(8, 10)) >= 15 ? 1.5 : 0;
    const rise = season + (moment >= changed ? 1.5 : 0);
    lines.push([moment, (normal() + rise).toFixed(4), normal().toFixed(4), 'ab'[(at / HOUR_MS) % 2]].join(','));
  }
  return `${lines.join('\n')}\n`;
}

const pipeline = (reference: string, more = ''): string => `pipeline: p
datasets: { sales: { path: "data/*.csv", time: at } }
steps:
  copy: { run: 'cat \${{ datasets.sales }} > \${{ outputs.rows }}; tail -1 \${{ outputs.rows }} > model.txt', inputs: ["\${{ datasets.sales }}"], outputs: { rows: rows.csv, model: model.txt } }
model: { name: m, path: model.txt }
monitor: { reference: ${reference}, current: { dataset: sales, window: 14d${more} } }
`;

const WITH = '{ path: rows.csv, ';

async function check(rig: Rig, reference: string, now: string, exit = 0): Promise<Document> {
  rig.write({ 'pipelines/p.yaml': pipeline(reference) });
  return rig.json(exit, 'check-drift', 'p', '--now', now);
}

it('compares with the champion, the same weeks a year before, the last windows, or a version, and says which', async () => {
  // The world changed for good in July 2025.
  const years = sales(1, ['2024-01-01', '2026-01-01'], '2025-07-01');
  using rig = createRig({ 'pipelines/p.yaml': pipeline('rows.csv'), 'data/a.csv': years });
  await rig.json(0, 'run', 'p', '--now', '2024-12-01');
  await rig.json(0, 'promote', 'm@1', '--reason', 'x');

  // In November 2025 the rows differ from the champion's and from last year's, but no more from those of October.
  const champion = await check(rig, 'rows.csv', '2025-11-15', 3);
  expect([champion.reference.of, champion.reference.source]).toEqual(['champion', 'champion m@1']);
  const season = await check(rig, 'season', '2025-11-15', 3);
  expect(season.reference).toMatchObject({ of: 'season', rows: 336 });
  expect(season.reference.source).toBe('dataset sales, the same weeks a year before (2024-11-02 to 2024-11-15)');
  const last = await check(rig, '{ last: 4 windows }', '2025-11-15');
  expect(last).toMatchObject({ verdict: 'stable', reference: { of: 'last', rows: 4 * 336 } });
  expect(last.reference.source).toBe('dataset sales, the last 4 windows before');
  expect(last.reference.to < last.current.from).toBe(true);
  // The last windows find a change that is new.
  expect((await check(rig, '{ last: 4 windows }', '2025-07-14', 3)).verdict).toBe('drift');

  // Christmas 2024 is news to the last windows; in 2025 the season knows it, with the rise that came since.
  expect((await check(rig, '{ last: 2 windows }', '2024-12-29', 3)).verdict).toBe('drift');
  await rig.json(0, 'run', 'p', '--now', '2025-10-01');
  await rig.json(0, 'promote', 'm@2', '--reason', 'x');
  const version = await check(rig, `${WITH}version: m@1 }`, '2025-11-15', 3);
  expect(version.reference).toMatchObject({ of: 'version', source: 'version m@1' });
  const { stdout } = await rig.refit('check-drift', 'p', '--now', '2025-11-15');
  expect(stdout).toContain('reference version m@1');
});

it('knows the season where the last windows do not', async () => {
  using rig = createRig({ 'data/a.csv': sales(2, ['2024-01-01', '2026-01-01']) });
  expect((await check(rig, 'season', '2025-12-29')).verdict).toBe('stable');
  expect((await check(rig, '{ last: 4 windows }', '2025-12-29', 3)).verdict).toBe('drift');
});

it('is undecided, with the reason, where the rows or the version are missing', async () => {
  using rig = createRig({ 'data/a.csv': sales(3, ['2025-01-01', '2025-03-01']) });
  const because = async (reference: string, now: string): Promise<string> =>
    (await check(rig, reference, now)).undecided_because;
  expect(await because('season', '2025-03-01')).toBe('no-season');
  expect(await because('{ last: 4 windows }', '2025-01-20')).toBe('no-earlier-window');
  expect(await because(`${WITH}version: m@7 }`, '2025-03-01')).toBe('no-such-version');
  expect(await because('rows.csv', '2025-03-01')).toBe('no-reference');
  // Two of the four windows are there as a whole.
  const partly = await check(rig, '{ last: 4 windows }', '2025-02-15');
  expect(partly.reference.source).toBe('dataset sales, the last 2 of 4 windows before');
});

it('raises no more false alarms against the season and the last windows than its level', async () => {
  using rig = createRig({ 'data/a.csv': sales(5, ['2024-01-01', '2025-12-01']) });
  const alarms: string[] = [];
  for (const reference of ['season', '{ last: 4 windows }', '{ last: 1 window }'])
    for (let week = 0; week < 10; week++) {
      const now = new Date(Date.parse('2025-03-01') + week * 21 * 24 * HOUR_MS).toISOString();
      rig.write({ 'pipelines/p.yaml': pipeline(reference) });
      const { verdict } = await rig.json(0, 'check-drift', 'p', '--now', now, '--exit-zero');
      if (verdict !== 'stable') alarms.push(`${reference} ${now} ${verdict}`);
    }
  // 30 windows at a level of 5 %: three or more would come by chance in less than one of five such tests.
  expect(alarms.length).toBeLessThan(4);
}, 300_000);

it('prepares the rows of another time with the same step', async () => {
  using rig = createRig({ 'data/a.csv': sales(4, ['2024-01-01', '2026-01-01'], '2025-07-01') });
  rig.write({
    'pipelines/p.yaml': pipeline('{ last: 2 windows, path: rows.csv }', ', prepare: copy').replace(
      'tail -1 ${{ outputs.rows }} > model.txt',
      'tail -1 ${{ outputs.rows }} > ${{ outputs.model }}',
    ),
  });
  const report = await rig.json(3, 'check-drift', 'p', '--now', '2025-07-15');
  expect(report).toMatchObject({ verdict: 'drift', reference: { of: 'last', rows: 2 * 336 } });
  expect(rig.has('rows.csv')).toBe(false);
});

it('refuses a choice that cannot be made', async () => {
  using rig = createRig({ 'data/a.csv': sales(3, ['2025-01-01', '2025-01-03']) });
  const faults = async (text: string): Promise<readonly string[]> => {
    rig.write({ 'pipelines/p.yaml': text });
    const { files } = await rig.json(2, 'validate', 'p');
    return files[0].diagnostics.map((one: Document) => one.message);
  };
  expect(await faults(pipeline('{ season: true, last: 4 windows }'))).toEqual(['a reference can be only one of these']);
  expect(await faults(pipeline('{}'))).toEqual(['this reference names nothing']);
  expect(await faults(pipeline('{ version: m@1 }'))).toEqual([expect.stringContaining('no path is named')]);
  expect(await faults(pipeline('season').replace(', window: 14d', ''))).toEqual([
    'a reference of the same weeks a year before needs the length of the window',
  ]);
  expect(await faults(pipeline('{ last: four windows }'))).toEqual([
    '"monitor.reference.last": write "4 windows", at most "999 windows"',
  ]);
});

it('leaves out the time of a fall in performance, unless a person called the new level normal', async () => {
  using rig = createRig({ 'data/a.csv': sales(6, ['2025-01-01', '2025-04-01']) });
  const rowsOf = async (): Promise<number> => (await check(rig, '{ last: 2 windows }', '2025-03-31')).reference.rows;
  expect(await rowsOf()).toBe(2 * 336);
  const facts = '{"before":{"value":0.9},"bad":{"value":0.5},"isConfirmed":true}';
  const [since, end] = ['2025-02-20T00:00:00.000Z', '2025-02-25T00:00:00.000Z'];
  rig.update(
    `INSERT INTO performance_episode VALUES (1, 'p', 'auc', 604800000, NULL, '${since}', '${since}', '${facts}', '${since}', '${since}');
     INSERT INTO performance_episode_end VALUES (1, 'recovered', '${end}', '${end}')`,
  );
  expect(await rowsOf()).toBe(2 * 336 - 5 * 24);
  rig.update("UPDATE performance_episode_end SET because = 'resolved'");
  expect(await rowsOf()).toBe(2 * 336);
});
