import { seededRandom } from '../../src/statistics/random.js';

const DAY_MS = 86_400_000;
/** A Monday: windows of whole weeks begin here. */
const START = Date.parse('2026-01-05');

export interface World {
  readonly days: number;
  readonly perDay?: number;
  readonly seed?: number;
  /** First day of the log. */
  readonly from?: number;
  /** How much of its information the score has lost: 0 as good as it was, 1 none. */
  readonly lost?: (day: number) => number;
  /** Moves the inputs, and with them the predictions. */
  readonly moved?: (day: number) => number;
}

export interface LoggedRow {
  readonly id: string;
  readonly at: string;
  readonly score: number;
  readonly label: number;
  readonly site: string;
}

/**
 * Calibrated predictions of a yes or no, logged through the day: the score is the chance of a yes, as long as nothing of it
 * is lost; then as many labels are drawn anew as were lost.
 */
export function logRows({
  days,
  perDay = 200,
  seed = 1,
  from = 0,
  lost = () => 0,
  moved = () => 0,
}: World): LoggedRow[] {
  const uniform = seededRandom(seed);
  return Array.from({ length: days * perDay }, (_, i) => {
    const day = from + Math.floor(i / perDay);
    const at = new Date(START + day * DAY_MS + (i % perDay) * Math.floor(DAY_MS / perDay)).toISOString();
    const score = Math.min(0.99, 0.05 + 0.9 * uniform() ** (1 / (1 + moved(day))));
    const isLost = uniform() < lost(day);
    const label = uniform() < (isLost ? 1 - score : score) ? 1 : 0;
    return { id: `r${day}-${i % perDay}`, at, score: Number(score.toFixed(4)), label, site: 'nsew'[i % 4] ?? 'n' };
  });
}

export const jsonLines = (rows: readonly LoggedRow[], withLabel = false): string =>
  rows
    .map(({ label, ...row }) => JSON.stringify(withLabel ? { ...row, late: label === 1 } : row))
    .map((line) => `${line}\n`)
    .join('');

export const labelLines = (rows: readonly LoggedRow[]): string =>
  rows.map(({ id, label }) => `${id},${label}\n`).join('');

export const dayOf = (day: number): string => new Date(START + day * DAY_MS).toISOString();

/** A pipeline whose model is scored by a table of its own predictions, so that it has evidence of its gate. */
export const WATCHED = `pipeline: watched
steps:
  train: { run: cp source.txt model.txt, inputs: [source.txt], outputs: [model.txt] }
model:
  path: model.txt
  evaluate:
    run: node evaluate.mjs \${{ evaluation.path }}
    inputs: [evaluate.mjs, gate.csv]
  gate: [auc >= 0.6]
monitor:
  predictions: { path: "logs/*.jsonl", time: at, key: id, prediction: score }
  labels: { path: "labels/*.csv", key: id, label: label, delay: 1d }
retrain:
  when: { any: [{ performance: { metric: auc, drop: 0.03, window: 7d } }] }
`;

const EVALUATE = `import { copyFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
const [out] = process.argv.slice(2);
copyFileSync('gate.csv', join(dirname(out), 'p.csv'));
writeFileSync(out, JSON.stringify({ auc: 0.8, predictions: 'p.csv' }));
`;

/** The files of such a workspace; its gate saw the week before the first logged day. */
export const watchedFiles = (pipeline = WATCHED): Readonly<Record<string, string>> => ({
  'pipelines/watched.yaml': pipeline,
  'source.txt': 'first',
  'evaluate.mjs': EVALUATE,
  'gate.csv': `id,label,prediction\n${logRows({ days: 7, from: -7, seed: 99 })
    .map(({ id, label, score }) => `${id},${label},${score}\n`)
    .join('')}`,
});
