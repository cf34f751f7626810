import { expect, it } from 'vitest';
import { createRig, type Document, type Rig } from '../support/rig.js';

const HOUR = 3_600_000;

/** 12 rows a day, every other hour; `of` gives distance and price by the day and the row. */
function days(from: string, count: number, of: (day: number, i: number) => readonly number[]): string {
  const lines = Array.from({ length: count * 12 }, (_, k) => {
    const [day, i] = [Math.floor(k / 12), k % 12];
    return [new Date(Date.parse(from) + (day * 24 + 2 * i) * HOUR).toISOString(), ...of(day, i)].join(',');
  });
  return `date,distance,price\n${lines.join('\n')}\n`;
}

/** Spread over 10 … 30 whatever the hour; the price follows the distance. */
function usual(day: number, i: number): readonly [number, number] {
  const distance = 10 + (((day * 12 + i) * 7.3) % 20);
  return [distance, 2 * distance + ((day + i) % 5)];
}

const PIPELINE = (current: string): string => `pipeline: trips
datasets: { trips: { path: "data/*.csv", time: date } }
steps:
  extract:
    run: sh extract.sh \${{ datasets.trips }} > \${{ outputs[0] }}
    inputs: [extract.sh, "\${{ datasets.trips }}"]
    outputs: [work/rows.csv]
monitor:
  reference: work/rows.csv
  current: { dataset: trips, window: 28d${current} }
`;

/** Joins the files; where a factor is given, with a column of its own. */
const EXTRACT = (factor?: number): string => {
  const own = factor === undefined ? '' : ` "," $3 * ${factor} / $2 + NR % 7`;
  const header = `date,distance,price${factor === undefined ? '' : ',rate'}`;
  return `tail -q -n +2 "$@" | awk -F, 'BEGIN { print "${header}" } { print $0${own} }'\n`;
};

async function trained(current: string, february: Readonly<Record<string, string>>): Promise<Rig> {
  const rig = createRig({
    'pipelines/trips.yaml': PIPELINE(current),
    'extract.sh': EXTRACT(current === '' ? undefined : 1),
    'data/01.csv': days('2026-01-01', 31, usual),
  });
  await rig.json(0, 'run', 'trips', '--now', '2026-02-01');
  rig.write(february);
  return rig;
}

const check = (rig: Rig, exit = 3): Promise<Document> => rig.json(exit, 'check-drift', 'trips', '--now', '2026-03-01');
const column = (report: Document, name: string): Document => report.features.find((one: Document) => one.name === name);

it('names the file with which a change begins, the lost companion, and where to look', async () => {
  using rig = await trained('', {
    'data/02a.csv': days('2026-02-01', 13, usual),
    'data/02b.csv': days('2026-02-14', 15, (day, i) => [usual(day, i)[0] + ((i * 5) % 11) * 4, usual(day, i)[1]]),
  });
  const report = await check(rig);
  const distance = column(report, 'distance');
  expect(distance).toMatchObject({
    verdict: 'drift',
    onset: { kind: 'file', file: '02b.csv', from: '2026-02-14T00:00:00.000Z' },
    correlation: { with: 'price', broken: true },
    upstream: { step: null, dataset: 'trips', through: [], changed: [] },
  });
  expect(distance.detail).toContain('since 2026-02-14 00:00, exactly where 02b.csv begins');
  expect(distance.detail).toContain('look at 02b.csv first');
  expect(column(report, 'price')).not.toHaveProperty('onset');
});

it('says that a change in the world comes gradually, in several columns together', async () => {
  const grown = (day: number, i: number): readonly number[] => usual(day, i).map((value) => value + day / 2);
  using rig = await trained('', { 'data/02.csv': days('2026-02-01', 28, grown) });
  const distance = column(await check(rig), 'distance');
  expect(distance).toMatchObject({ onset: { kind: 'gradual' }, correlation: { with: 'price', broken: false } });
  expect(distance.detail).toContain('that is how the world changes');
});

it('names the step that makes a column, and its code that changed since the reference', async () => {
  using rig = await trained(', prepare: extract', { 'data/02.csv': days('2026-02-01', 28, usual) });
  rig.write({ 'extract.sh': EXTRACT(2) });
  const rate = column(await check(rig), 'rate');
  expect(rate).toMatchObject({
    verdict: 'drift',
    onset: { kind: 'whole-window' },
    upstream: { step: 'extract', dataset: null, through: [], changed: ['extract.sh'] },
  });
  expect(rate.detail).toContain('step extract makes it, and extract.sh changed since the reference');
  expect(rate.detail).toContain('look at extract.sh first');
});

it('gives a data bug the same evidence', async () => {
  const broken = (day: number, i: number): readonly number[] => (day < 20 ? usual(day, i) : [-999, usual(day, i)[1]]);
  using rig = await trained(', prepare: extract', { 'data/02.csv': days('2026-02-01', 28, broken) });
  const [bug] = (await check(rig, 4)).data_bugs;
  expect(bug).toMatchObject({
    kind: 'sentinel',
    column: 'distance',
    evidence: {
      onset: { kind: 'midnight', from: '2026-02-21T00:00:00.000Z' },
      upstream: { dataset: 'trips', through: ['extract'], changed: [] },
    },
  });
  expect(bug.detail).toContain('since 2026-02-21 00:00, a midnight');
});

it('compares two files from the command line by their rows alone', async () => {
  using rig = createRig({
    'a.csv': days('2026-01-01', 31, usual),
    'b.csv': days('2026-02-01', 28, (day, i) => [usual(day, i)[0] * (day < 10 ? 1 : 1.6), usual(day, i)[1]]),
  });
  const report = await rig.json(3, 'check-drift', '--reference', 'a.csv', '--current', 'b.csv');
  const distance = column(report, 'distance');
  expect(distance.onset).toEqual({ kind: 'midnight', from: '2026-02-11T00:00:00.000Z' });
  expect(distance).not.toHaveProperty('upstream');
});
