import { describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../../support/rig.js';

/** 40 rows a day; `shift` moves the distances of all of them. */
function rows(from: string, days: number, shift = 0): string {
  const start = Date.parse(from);
  const lines = Array.from({ length: days * 40 }, (_, i) => {
    const at = new Date(start + Math.floor(i / 40) * 86_400_000 + (i % 40) * 1_800_000).toISOString().slice(0, 19);
    return `${at},${100 + ((i * 7919) % 1000) + shift},${['ATL', 'ORD', 'DFW'][i % 3]}`;
  });
  return `at,distance,origin\n${lines.join('\n')}\n`;
}

const pipeline = (window: string): string => `pipeline: trips
datasets: { trips: { path: "data/*.csv", time: at } }
steps:
  extract:
    run: sh extract.sh \${{ datasets.trips }} > \${{ outputs[0] }}
    inputs: [extract.sh, "\${{ datasets.trips }}"]
    outputs: [work/rows.csv]
  train: { run: cp work/rows.csv model.csv, inputs: [work/rows.csv], outputs: [model.csv] }
model: model.csv
monitor: { reference: work/rows.csv, current: { dataset: trips${window} } }
retrain: { when: { any: [{ new_data: { dataset: trips, rows: 100 } }, { data_drift: { share: 0.3 } }] } }
`;

const NOW = '2026-02-15';
const COMMANDS = [
  ['check-data', 'trips'],
  ['check-data', 'trips', '--infer'],
  ['check-drift', 'trips'],
  ['retrain', 'trips', '--dry-run'],
] as const;

/** What each command says of the middle of February, with its exit code. */
async function saidOfFebruary(rig: Rig): Promise<readonly string[]> {
  const said: string[] = [];
  for (const command of COMMANDS) {
    const { exit, stdout, stderr } = await rig.refit(...command, '--now', NOW, '--json');
    said.push(`${command.join(' ')}: ${exit}\n${stdout}${stderr}`);
  }
  return said;
}

describe.each([
  ['without a window', ''],
  ['with a window of two weeks', ', window: 14d'],
])('a monitor %s', (_, window) => {
  it('gives the same result for a past time whatever rows and runs come later', async () => {
    using rig = createRig({
      'pipelines/trips.yaml': pipeline(window),
      'extract.sh': 'head -n 1 "$1"; tail -q -n +2 "$@"\n',
      'data/01.csv': rows('2026-01-01', 31),
    });
    await rig.json(0, 'run', 'trips', '--now', '2026-02-01');
    rig.write({ 'data/02.csv': rows('2026-02-01', 14) });
    const before = await saidOfFebruary(rig);
    // one more row at the very moment, a month of other rows, and a run on all of them
    rig.write({
      'data/02.csv': `${rig.read('data/02.csv')}${NOW}T00:00:00,99999,XXX\n`,
      'data/03.csv': rows('2026-02-15', 28, 5000),
    });
    await rig.json(0, 'run', 'trips', '--now', '2026-03-15');
    expect(await saidOfFebruary(rig)).toEqual(before);
  });
});
