import { execFileSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { createRig, type Document, type Rig } from '../support/rig.js';

const PROJECT = resolve(import.meta.dirname, '../..');
const MONTHS = [1, 2, 3, 4, 5, 6] as const;
/** The first day after a month: its data is whole. */
const after = (month: number): string => `2001-0${month + 1}-01`;

/** The flights example with a trainer that makes few passes, on from the champion. */
function flights(): Rig {
  const rig = createRig();
  rig.copy('pipelines/flights', 'pipelines/flights');
  symlinkSync(join(PROJECT, 'node_modules'), join(rig.root, 'node_modules'));
  const trainer = readFileSync(join(PROJECT, 'test/fixtures/warm/train-flights.js'), 'utf8');
  const text = readFileSync(join(PROJECT, 'pipelines/flights.yaml'), 'utf8')
    .replace(
      'node pipelines/flights/train.js',
      'node pipelines/flights/train-warm.js --from ${{ champion.path }} --passes 4',
    )
    .replace('--ridge ${{ params.ridge }} ', '')
    .replace('ridge: 1 ', '')
    .replaceAll('pipelines/flights/train.js', 'pipelines/flights/train-warm.js')
    .replace(', ridge: 1', '')
    .replace(
      /^ {2}gate:[\s\S]*?^ {2}publish:/m,
      `  gate:
    - { metric: auc, min: 0.55 }
    - { metric: log_loss, against: [champion, scratch], max_regression: 0.05 }
  publish:`,
    )
    .replace(/^monitor:[\s\S]*$/m, 'retrain: { when: { new_data: { dataset: flights, rows: 100000 } } }\n');
  rig.write({ 'pipelines/flights.yaml': text, 'pipelines/flights/train-warm.js': trainer });
  return rig;
}

it('trains on from the champion over six months of real flights, knows six generations, and repeats one byte for byte', async () => {
  using rig = flights();
  const losses: { readonly warm: number; readonly scratch: number | undefined }[] = [];
  for (const month of MONTHS) {
    execFileSync(process.execPath, ['pipelines/flights/land.js', `2001-0${month}`], { cwd: rig.root });
    const report = await rig.json(0, 'retrain', 'flights', '--now', after(month));
    expect(report.outcome, after(month)).toBe('published');
    const lossOf = (version: number): number | undefined =>
      report.evaluations.find((one: Document) => one.version === version)?.metrics.log_loss;
    const made = Number(report.model_version.split('@')[1]);
    losses.push({ warm: lossOf(made) ?? Number.NaN, scratch: month === 1 ? undefined : lossOf(made - 1) });
  }
  const table = losses.map(({ warm, scratch }) => `${warm.toFixed(4)} (${scratch?.toFixed(4) ?? '–'})`);
  process.stdout.write(`log loss month by month, warm (from zero): ${table.join(', ')}
`);
  const { ancestry, rebuild } = await rig.json(0, 'why', 'flights-delay');
  expect(ancestry.map((one: Document) => [one.trained_at.slice(0, 10), one.data[0].new_files])).toEqual(
    [...MONTHS].reverse().map((month) => [after(month), 1]),
  );
  // Each month makes two versions: one from zero, and the candidate.
  expect(ancestry.map((one: Document) => [one.version, one.parents])).toEqual(
    [11, 9, 7, 5, 3, 1].map((version) => [version, version === 1 ? [] : [`flights-delay@${version - 2}`]]),
  );
  expect(ancestry[0].data[0]).toMatchObject({ dataset: 'flights', files: { length: 6 } });
  expect(rebuild.possible).toBe(true);
  // Both were scored each month, on the same days. Which is better is the model's affair.
  for (const { warm, scratch } of losses.slice(1)) expect([warm, scratch].every(Number.isFinite)).toBe(true);
  const again = await rig.json(0, 'reproduce', 'flights-delay@champion');
  expect([again.verdict, again.steps.map((one: Document) => one.result)]).toEqual([
    'same',
    ['same', 'same', 'same', 'same'],
  ]);
}, 600_000);
