import { expect, it } from 'vitest';
import { seededRandom } from '../../src/statistics/random.js';
import { createRig, type Document, type Rig } from '../support/rig.js';

const DAY_MS = 86_400_000;
const START = Date.parse('2026-01-01');
const day = (n: number): string => new Date(START + n * DAY_MS).toISOString().slice(0, 10);

/** The rows of one day. The temperature rises by the day, as in spring. */
function rows(n: number, header: string, write: (temp: string, i: number) => string = (temp) => temp): string {
  const random = seededRandom(n + 1);
  const lines = Array.from({ length: 48 }, (_, i) => {
    const temp = (5 + n / 3 + 8 * random()).toFixed(1);
    return `${new Date(START + n * DAY_MS + i * 1_800_000).toISOString()},${(50 + 100 * random()).toFixed(2)},${write(temp, i)}`;
  });
  return `at,size,${header}\n${lines.join('\n')}\n`;
}

const PIPELINE = `pipeline: p
datasets: { d: { path: "data/*.csv", time: at } }
steps:
  extract: { run: "sh extract.sh \${{ datasets.d }} > rows.csv", inputs: [extract.sh, "\${{ datasets.d }}"], outputs: [rows.csv] }
  train: { run: cp rows.csv p.model, inputs: [rows.csv], outputs: [p.model] }
model: { path: p.model, gate: [{ smoke: "true" }], first: accept }
monitor: { reference: rows.csv, current: { dataset: d, window: 14d } }
retrain: { when: { new_data: { dataset: d, rows: 50 } } }
`;

/** A champion of twenty days with this header. */
async function trained(header: string, write?: (temp: string, i: number) => string): Promise<Rig> {
  const rig = createRig({
    'pipelines/p.yaml': PIPELINE,
    'extract.sh': `echo at,size,${header}; tail -q -n +2 "$@"`,
  });
  for (let n = 0; n < 20; n++) rig.write({ [`data/${day(n)}.csv`]: rows(n, header, write) });
  await rig.json(0, 'retrain', 'p', '--now', day(20));
  return rig;
}

async function tick(rig: Rig, n: number): Promise<Document> {
  const { exit, stdout } = await rig.refit('retrain', 'p', '--now', day(n), '--json');
  return { exit, ...(JSON.parse(stdout) as Document) };
}

it('holds while newer files have a column under another name, and names both and the first of the files', async () => {
  using rig = await trained('temp');
  for (let n = 20; n < 28; n++) rig.write({ [`data/${day(n)}.csv`]: rows(n, n < 23 ? 'temp' : 'temperature') });
  for (const n of [24, 27, 28])
    expect(await tick(rig, n)).toMatchObject({
      exit: 4,
      decision: 'hold',
      findings: [
        {
          code: 'renamed-column',
          column: 'temp',
          detail: expect.stringMatching(
            /rows have the value in a new column, "temperature", exactly since 2026-01-24.csv begins/,
          ),
        },
      ],
    });
  const files = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `data/${day(from + i)}.csv`);
  const compared = ['check-drift', '--reference', ...files(0, 20), '--current', ...files(18, 27)];
  for (const time of [['--time', 'at'], []]) {
    const report = await rig.json(4, ...compared, ...time);
    expect(report.data_bugs.map((one: Document) => one.code)).toEqual(['renamed-column']);
    expect(report.warnings.map((one: Document) => one.code)).not.toContain('new-column');
  }
});

it('dates values that are missing by the file where they end, though the column drifts in the whole window', async () => {
  using rig = await trained('temp');
  for (let n = 20; n < 28; n++) rig.write({ [`data/${day(n)}.csv`]: rows(n, 'temp', n < 23 ? undefined : () => '') });
  const { findings } = await tick(rig, 28);
  expect(findings[0]).toMatchObject({ code: 'missing-rose', column: 'temp' });
  expect(findings[0].detail).toContain('exactly where 2026-01-24.csv begins');
});

it('calls two columns that take turns in the reference too no rename', async () => {
  const turns = (temp: string, i: number): string => (i % 2 === 0 ? `${temp},` : `,${temp}`);
  using rig = await trained('indoor,outdoor', turns);
  for (let n = 20; n < 24; n++)
    rig.write({ [`data/${day(n)}.csv`]: rows(n, 'indoor,outdoor', (temp) => (n < 22 ? `${temp},` : `,${temp}`)) });
  const { findings } = await tick(rig, 24);
  expect(findings.map((one: Document) => one.code)).not.toContain('renamed-column');
});
