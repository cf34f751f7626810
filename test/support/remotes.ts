import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createRig, type Document, type Rig } from './rig.js';

/** A pipeline whose model is its source, and the folder that it makes on the way. */
export const PIPELINE = `pipeline: m
steps:
  prepare: { run: 'mkdir -p out/deep; cp source.txt out/p.txt; date +%s%N > out/deep/stamp.txt', inputs: [source.txt], outputs: [out] }
  train: { run: 'cat out/p.txt > model.txt; echo "{\\"auc\\": 0.7}" > train.json', inputs: [out], outputs: [model.txt], metrics: train.json }
model:
  path: model.txt
  publish: { path: serving/m, keep: 2 }
`;

export const workspace = (
  files: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
): Rig => createRig({ 'pipelines/m.yaml': PIPELINE, 'source.txt': 'first', ...files }, env);

/** A folder that stands for a share. */
export function createShare(): { readonly path: string; readonly [Symbol.dispose]: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'refit-share-'));
  return {
    path: join(folder, 'remote'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

export async function train(rig: Rig, source: string): Promise<Document> {
  rig.write({ 'source.txt': source });
  await rig.json(0, 'run', 'm');
  return versionOf(rig, source);
}

/** The version whose bytes are this source. */
export async function versionOf(rig: Rig, source: string): Promise<Document> {
  const { versions } = await rig.json(0, 'models', 'm');
  const runs = rig.query(`SELECT run FROM step_execution WHERE step = 'train' ORDER BY id`);
  expect(runs.length).toBeGreaterThan(0);
  const hash = sha256(source);
  return versions.findLast((one: Document) => one.hash === hash);
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export async function trainAndPromote(rig: Rig, source: string): Promise<Document> {
  const version = await train(rig, source);
  await rig.json(0, 'promote', `m@${version.version}`, '--reason', source);
  return version;
}

/** Registry, ledger, store and serving folder are whole and agree. */
export async function expectWhole(rig: Rig): Promise<void> {
  const verified = await rig.json(0, 'verify');
  expect(verified.damaged).toEqual([]);
  expect(verified.registry).toEqual([]);
  const [status] = (await rig.json(0, 'status', 'm')).pipelines;
  expect(status.serving).toEqual([]);
}

const ledgerOf = (rig: Rig): readonly string[] =>
  rig.query('SELECT hash FROM ledger_entry ORDER BY sequence').map((row) => row.hash);

/** What every machine must tell the same of, whatever ids its rows have. */
export const historyOf = (rig: Rig): Document => ({
  runs: rig.query('SELECT id, status, finished_at FROM run ORDER BY id'),
  steps: rig.query('SELECT run, step, status, fingerprint FROM step_execution ORDER BY run, step'),
  versions: rig.query('SELECT model, version, hash, run, fingerprint FROM model_version ORDER BY model, version'),
  moves: rig.query(
    'SELECT model, alias, generation, kind, from_version, to_version, to_hash, reason FROM alias_move ORDER BY 1, 2, 3',
  ),
  evaluations: rig.query('SELECT model, version, run, evaluated_at FROM evaluation ORDER BY 1, 2, 3, 4'),
  verdicts: rig.query('SELECT model, candidate, champion, verdict, judged_at FROM gate_verdict ORDER BY 1, 2, 3, 5'),
  overtaken: rig.query('SELECT model, generation, run, hash FROM overtaken_move ORDER BY 1, 2, 3'),
  ledger: ledgerOf(rig),
});
