import { expect, it } from 'vitest';
import { createRig, type Document, type Rig } from '../support/rig.js';

const pipeline = (gate: string): Record<string, string> => ({
  'pipelines/m.yaml': `pipeline: m
steps:
  train: { run: cp source.json model.json, inputs: [source.json], outputs: [model.json] }
model:
  path: model.json
  evaluate: { run: "node evaluate.mjs \${{ model.path }} \${{ evaluation.path }}", inputs: [evaluate.mjs, test/data.csv] }
  gate: ${gate}
profiles: { test: {} }
`,
});

/** Writes the table anew, as a real evaluation does: an older one is that of another version. */
const EVALUATE = `import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
const [model, out] = process.argv.slice(2);
readFileSync('test/data.csv');
// Two versions are scored at once: neither may find the table half written.
if (existsSync('p.csv')) writeFileSync('p.csv.' + process.pid, readFileSync('p.csv'));
if (existsSync('p.csv')) renameSync('p.csv.' + process.pid, 'p.csv');
writeFileSync(out, readFileSync(model));`;

const rigOf = (gate: string, evaluation = '{"auc":0.5}'): Rig =>
  createRig({ ...pipeline(gate), 'evaluate.mjs': EVALUATE, 'test/data.csv': 'a\n1\n', 'source.json': evaluation });

it('scores the model and applies the gate; a limit that the small model misses is no problem', async () => {
  using rig = rigOf('[auc >= 0.9, { smoke: "true" }]');
  const tested = await rig.json(0, 'test', 'm');
  expect(tested).toMatchObject({ verdict: 'pass', evaluation: { auc: 0.5 }, gate: { verdict: 'fail' } });
  const { stdout } = await rig.refit('test', 'm');
  expect(stdout).toContain('scored auc 0.5');
  expect(stdout).toMatch(/auc >= 0.9 +fail/);
  // The workspace itself has no version and no verdict.
  expect(rig.has('.refit/registry.db')).toBe(false);
});

it.each([
  [
    'a metric that evaluate does not write',
    '[mae <= 1]',
    '{"auc":0.5}',
    'gate-cannot-judge',
    'Let "evaluate" write { "mae"',
  ],
  [
    'slices that evaluate does not write',
    '[{ metric: auc, slices: origin, min: 0.1 }]',
    '{"auc":0.5}',
    'gate-cannot-judge',
    '"slices": { "origin"',
  ],
  ['a smoke test that fails', '[auc >= 0.1, { smoke: "false" }]', '{"auc":0.5}', 'gate-cannot-judge', 'smoke'],
  ['an evaluation that is no JSON', '[auc >= 0.1]', 'auc: 0.5', 'evaluation-invalid', 'evaluation-invalid'],
])('finds %s', async (_, gate, evaluation, code, words) => {
  using rig = rigOf(gate, evaluation);
  const { verdict, problems } = await rig.json(1, 'test', 'm');
  expect(verdict).toBe('fail');
  expect(problems.map((one: Document) => one.code)).toEqual([code]);
  expect(problems[0].detail).toContain(words);
});

it('names the log of a smoke test where it is: kept with the scratch workspace, or removed', async () => {
  using rig = rigOf('[auc >= 0.1, { smoke: "false" }]');
  const [removed] = (await rig.json(1, 'test', 'm')).problems;
  expect(removed.detail).toContain('log removed with the scratch workspace; --keep keeps it)');
  const { problems, gate, kept } = await rig.json(1, 'test', 'm', '--keep');
  const log = /log (.*)\)$/.exec(problems[0].detail)?.[1] ?? '';
  expect(log.startsWith(kept)).toBe(true);
  expect(rig.has(log)).toBe(true);
  expect(gate.checks.find((one: Document) => one.name === 'smoke').detail).toContain(log);
});

it.each([
  ['predictions that are no path', '{"auc":0.5,"predictions":[1,2]}', '"predictions" must be the path of a table'],
  ['a table of predictions that is not there', '{"auc":0.5,"predictions":"p.csv"}', 'there is no such file'],
  ['a number in quotes', '{"auc":"0.5"}', 'auc'],
])('shows the lines to write for %s', async (_, evaluation, words) => {
  using rig = rigOf('[auc >= 0.1]', evaluation);
  const { exit, stderr } = await rig.refit('run', 'm');
  expect(exit).toBe(1);
  expect(stderr).toContain(words);
  expect(stderr).toContain('"predictions": "predictions.csv"');
  expect(stderr).toContain('id,label,prediction');
});

it.each([
  ['no predictions', '', 'let "evaluate" write { "predictions"'],
  ['no column of that name', 'id,label,score\n1,0,0.1\n', 'lacks the column prediction'],
  ['text as a label', 'id,label,prediction\n1,late,0.1\n', 'write labels of classes as 0 and 1'],
])('says what "confidence" lacks: %s', async (_, table, words) => {
  const predictions = table === '' ? '' : ',"predictions":"p.csv"';
  using rig = rigOf(
    '[auc >= 0.1, { metric: auc, against: champion, max_regression: 0.1, confidence: 0.9 }]',
    `{"auc":0.5${predictions}}`,
  );
  if (table !== '') rig.write({ 'p.csv': table });
  await rig.json(0, 'run', 'm');
  await rig.json(0, 'promote', 'm@1', '--reason', 'first');
  rig.write({ 'source.json': `{"auc":0.6${predictions}}` });
  const { gate } = await rig.json(0, 'run', 'm');
  expect(gate.checks[1]).toMatchObject({ verdict: 'fail', detail: expect.stringContaining(words) });
});
