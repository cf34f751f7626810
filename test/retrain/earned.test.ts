import { expect, it } from 'vitest';
import { seededNormal } from '../../src/statistics/random.js';
import { createRig, type Rig } from '../support/rig.js';

const PIPELINE = `pipeline: p
steps:
  train: { run: cp bias.txt p.model, inputs: [bias.txt], outputs: [p.model] }
model:
  path: p.model
  evaluate: { run: "node evaluate.mjs \${{ model.path }} \${{ evaluation.path }}", inputs: [evaluate.mjs, truth.csv] }
  gate: [mae <= 1000]
retrain: { when: { any: [{ command: "true", fires: level }] } }
`;

/** The model predicts the truth plus its bias; \`evaluate\` writes the predictions beside the metric. */
const EVALUATE = `import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
const [model, out] = process.argv.slice(2);
const bias = Number(readFileSync(model, 'utf8'));
const rows = readFileSync('truth.csv', 'utf8').trim().split('\\n').map(Number);
const predicted = rows.map((y, i) => ({ id: i, label: y, prediction: bias + 100 }));
const mae = predicted.reduce((sum, r) => sum + Math.abs(r.label - r.prediction), 0) / rows.length;
writeFileSync(join(dirname(out), 'p.csv'), 'id,label,prediction\\n' + predicted.map((r) => [r.id, r.label, r.prediction].join(',')).join('\\n') + '\\n');
writeFileSync(out, JSON.stringify({ mae, ...(process.env.BARE ? {} : { predictions: 'p.csv' }) }));
`;

function prices(rows: number, env: Readonly<Record<string, string>> = {}): Rig {
  const normal = seededNormal(3);
  const truth = Array.from({ length: rows }, () => (100 + 20 * normal()).toFixed(3)).join('\n');
  return createRig(
    { 'pipelines/p.yaml': PIPELINE, 'evaluate.mjs': EVALUATE, 'truth.csv': `${truth}\n`, 'bias.txt': '1' },
    env,
  );
}

async function trained(rig: Rig, ...biases: readonly number[]): Promise<void> {
  for (const [i, bias] of biases.entries()) {
    rig.write({ 'bias.txt': String(bias) });
    await rig.json(0, 'retrain', 'p', '--now', `2026-01-0${i + 1}`);
  }
}

it('ends in a verdict with an interval, and offers by name the older version that is surely better', async () => {
  using rig = prices(400);
  await trained(rig, 1, 60);
  const [{ earned_verdicts: verdicts }] = (await rig.json(0, 'status', 'p')).pipelines;
  expect(verdicts).toMatchObject([{ name: 'first', version: 1, metric: 'mae', verdict: 'worse', rows: 400 }]);
  const [{ gain, lower, upper, offer }] = verdicts;
  expect(lower).toBeLessThan(gain);
  expect(gain).toBeLessThan(upper);
  expect(upper).toBeLessThan(0);
  expect(offer).toBe('refit rollback p --to 1 --reason "…"');
  const shown = (await rig.refit('status', 'p')).stdout;
  expect(shown).toMatch(
    /version 1, never retrained, would have been better: −4\d\.\d+ mae \(95 %: −4\d.* to −4\d.* on 400 rows\)/,
  );
  expect(shown).toContain(offer);
});

it('says when retraining has paid, and when the rows do not tell', async () => {
  using rig = prices(400);
  await trained(rig, 60, 1, 1.5);
  const [{ earned_verdicts: verdicts }] = (await rig.json(0, 'status', 'p')).pipelines;
  expect(verdicts).toMatchObject([
    { name: 'previous', version: 2, verdict: 'unsure', offer: null, detail: expect.stringContaining('may be chance') },
    { name: 'first', version: 1, verdict: 'better', offer: null, detail: expect.stringContaining('has earned 4') },
  ]);
});

it('offers no version that somebody rolled back from, and gives no interval without predictions', async () => {
  using rig = prices(400);
  await trained(rig, 1, 30);
  await rig.json(0, 'rollback', 'p', '--reason', 'complaints', '--now', '2026-01-03');
  await rig.json(0, 'promote', 'p@2', '--reason', 'again', '--now', '2026-01-04');
  await rig.json(0, 'rollback', 'p', '--reason', 'complaints again', '--now', '2026-01-05');
  rig.write({ 'bias.txt': '60' });
  await rig.json(0, 'retrain', 'p', '--now', '2026-01-06');
  const [{ earned_verdicts: verdicts }] = (await rig.json(0, 'status', 'p')).pipelines;
  expect(
    verdicts.every((one: { version: number; offer: string | null }) => one.version === 1 || one.offer === null),
  ).toBe(true);
  using bare = prices(400, { BARE: '1' });
  await trained(bare, 1, 60);
  expect((await bare.json(0, 'status', 'p')).pipelines[0].earned_verdicts).toMatchObject([
    { verdict: 'unsure', lower: null, offer: null, detail: expect.stringContaining('no predictions') },
  ]);
});
