import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { facetsOf, faultsOfEvent, hasOpenLineage, loadSchemas } from '../support/openlineage.js';
import { createReceiver } from '../support/receiver.js';
import { createRig, type Document, type Rig, until } from '../support/rig.js';

const PIPELINE = `
pipeline: p
description: Grows a model.
owner: team@example.org
params: { trees: 40, deep: true }
datasets:
  rows: { path: rows.csv, time: at, checks: { columns: { x: { max: 5 } } } }
steps:
  split:
    role: prepare
    run: cp rows.csv train.csv
    inputs: ["\${{ datasets.rows }}"]
    outputs: [train.csv]
    env: { MODE: quick, TOKEN: { from: TEST_TOKEN } }
  train:
    role: train
    run: sh train.sh \${{ params.trees }}
    inputs: [train.sh, train.csv]
    outputs: [model.txt]
    metrics: metrics.json
model:
  name: m
  path: model.txt
  evaluate: { run: "cp score.json \${{ evaluation.path }}", inputs: [score.json] }
  gate: [auc >= 0.6, { metric: auc, against: champion, max_regression: 0.1 }]
monitor: { reference: train.csv, current: { dataset: rows, window: 7d } }
retrain: { when: { event: landed }, on_data_bug: ignore }
`;

const grown = (settings = '', env: Readonly<Record<string, string>> = {}): Rig =>
  createRig(
    {
      'pipelines/p.yaml': PIPELINE,
      'rows.csv': 'at,x\n2026-01-01,1\n2026-01-02,2\n2026-01-03,\n',
      'train.sh': `cp train.csv model.txt; echo '{"loss":2.5}' > metrics.json`,
      'score.json': '{"auc":0.75}',
      'refit.yaml': settings,
    },
    { TEST_TOKEN: 'geheim', ...env },
  );

async function exported(rig: Rig, ...run: readonly string[]): Promise<readonly Document[]> {
  expect((await rig.refit('export', 'openlineage', ...run, '-o', 'out/events.jsonl')).exit).toBe(0);
  return rig
    .read('out/events.jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const told = (events: readonly Document[]): readonly string[] =>
  events.map((event) => `${event.eventType} ${event.job.name}`);

const endOf = (events: readonly Document[], job: string): Document =>
  events.findLast((event) => event.job.name === job && event.eventType !== 'START');

it('writes start and end events for the decision, the run and each step, with every link between them', async () => {
  using rig = grown();
  await rig.json(0, 'retrain', 'p');
  const events = await exported(rig);
  expect(told(events)).toEqual([
    'START p/retrain',
    'START p',
    ...['START p.split', 'COMPLETE p.split', 'START p.train', 'COMPLETE p.train'],
    'COMPLETE p',
    'COMPLETE p/retrain',
  ]);
  const [decision, run, split, train] = ['p/retrain', 'p', 'p.split', 'p.train'].map((job) => endOf(events, job));
  expect(run.run.facets.parent.run.runId).toBe(decision.run.runId);
  for (const step of [split, train]) {
    expect(step.run.facets.parent.run.runId).toBe(run.run.runId);
    expect(step.run.facets.parent.root.run.runId).toBe(decision.run.runId);
  }
  expect(train.run.facets.jobDependencies.upstream[0].run.runId).toBe(split.run.runId);
  expect(decision.run.facets.refit_decision).toMatchObject({ verdict: 'retrain', outcome: 'published' });
  const [made] = split.outputs;
  expect(train.inputs).toContainEqual(expect.objectContaining({ namespace: 'file', name: made.name }));
  expect(made.facets.version.datasetVersion).toMatch(/^[0-9a-f]{64}$/);
  expect(run.inputs.map((one: Document) => one.name)).toEqual(['rows.csv', 'train.sh']);
  expect(run.outputs).toEqual(train.outputs.filter((one: Document) => one.name === 'model.txt'));
  expect(run.outputs[0].facets).toMatchObject({
    datasetType: { datasetType: 'MODEL' },
    refit_modelVersion: { model: 'm', version: 1, evaluation: { auc: 0.75 }, gate: 'pass' },
  });
  expect(train.run.facets.executionParameters.parameters).toEqual([{ key: 'trees', value: '40' }]);
  expect(train.run.facets.refit_metrics.metrics).toEqual([{ key: 'loss', value: 2.5 }]);
  expect(run.job.facets).toMatchObject({
    sourceCode: { language: 'yaml', sourceCode: PIPELINE },
    ownership: { owners: [{ name: 'team@example.org' }] },
  });
  // The id does not depend on who exports the run, and is a UUID version that sorts by time.
  expect(await exported(rig, 'latest')).toEqual(events);
  for (const event of events) expect(event.run.runId.charAt(14)).toBe('7');
  expect(rig.read('out/events.jsonl')).not.toContain('geheim');
  expect(split.run.facets.environmentVariables.environmentVariables).toEqual([{ name: 'MODE', value: 'quick' }]);
});

it('reports how each run and step ended: failed, interrupted, restored, rejected by the gate, with bad data', async () => {
  using rig = grown();
  await rig.json(0, 'run', 'p');
  const first = await exported(rig);
  expect(endOf(first, 'p').run.facets.test.tests).toMatchObject([
    { name: 'm@1', status: 'pass', type: 'gate' },
    { status: 'pass', expected: '0.6', actual: '0.75' },
    { status: 'skip' },
  ]);
  rig.write({ 'train.sh': 'exit 9' });
  await rig.refit('run', 'p');
  const failed = await exported(rig);
  expect(told(failed).filter((one) => !one.startsWith('START'))).toEqual([
    'COMPLETE p.split',
    'FAIL p.train',
    'FAIL p',
  ]);
  expect(endOf(failed, 'p.split').run.facets.refit_step.status).toBe('skipped');
  expect(endOf(failed, 'p.split').outputs.map((one: Document) => one.name)).toEqual(['train.csv']);
  expect(endOf(failed, 'p.train').run.facets).toMatchObject({
    errorMessage: { message: expect.stringContaining('train') },
    refit_step: { status: 'failed', exitCode: 9 },
  });
  rig.write({ 'train.sh': 'touch began; sleep 60' });
  const running = rig.start('run', 'p');
  await until(() => rig.has('began'));
  expect((await rig.refit('export', 'openlineage')).stderr).toContain('has not ended');
  running.kill('SIGINT');
  await running.ended;
  expect(told(await exported(rig)).filter((one) => one.startsWith('ABORT'))).toEqual(['ABORT p.train', 'ABORT p']);
  rig.write({ 'train.sh': 'echo worse > model.txt; echo {} > metrics.json', 'score.json': '{"auc":0.5}' });
  rig.write({ 'rows.csv': 'at,x\n2026-01-01,9\n2026-01-02,9\n2026-01-03,3\n' });
  await rig.refit('retrain', 'p', '--force', '--now', '2026-01-04');
  const refused = await exported(rig);
  expect(endOf(refused, 'p').run.facets.test.tests.slice(0, 2)).toMatchObject([
    { name: 'm@2', status: 'fail' },
    { status: 'fail', actual: '0.5' },
  ]);
  expect(endOf(refused, 'p/retrain').run.facets.refit_decision.outcome).toBe('gate-refused');
  expect(endOf(refused, 'p.split').inputs[0].inputFacets.dataQualityAssertions.assertions).toContainEqual(
    expect.objectContaining({ success: false, column: 'x' }),
  );
});

it('sends the events of every run to a lineage system once and in order, even after it was down', async () => {
  await using receiver = await createReceiver();
  using rig = grown('openlineage: { url: { from: LINEAGE_URL }, namespace: growers }\n', { LINEAGE_URL: receiver.url });
  receiver.answer(503);
  const run = await rig.refit('run', 'p');
  expect(run).toMatchObject({ exit: 0, stderr: expect.stringContaining('"openlineage": it answered 503') });
  expect((await rig.refit('status')).stdout).toContain('"openlineage" fails');
  receiver.answer(200);
  while (receiver.received.length < 7) await rig.refit('notify');
  const [, ...arrived] = receiver.received.map((one) => one.body);
  expect(arrived).toEqual(await exported(rig));
  expect(arrived[0]?.job.namespace).toBe('growers');
  expect(endOf(arrived, 'p.split').outputs[0].namespace).toBe('file://growers');
  await rig.refit('notify');
  expect(receiver.received).toHaveLength(7);
  await rig.json(0, 'retrain', 'p');
  expect(told(receiver.received.slice(7).map((one) => one.body)).at(-1)).toBe('COMPLETE p/retrain');
  expect((await rig.refit('notify', 'openlineage', '--test')).exit).toBe(0);
  expect(receiver.received.at(-1)?.body.job.name).toBe('refit-test');
});

it.skipIf(!hasOpenLineage)(
  'writes events with a valid core and valid facets, and the check notices an invalid one',
  async () => {
    using rig = grown();
    const schemas = loadSchemas();
    const git = (...args: readonly string[]) =>
      void execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: rig.root });
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'begin');
    await rig.json(0, 'retrain', 'p');
    rig.write({ 'train.sh': 'exit 9', 'rows.csv': 'at,x\n2026-01-01,9\n' });
    await rig.refit('retrain', 'p', '--force');
    const runs = rig.query('SELECT id FROM run').map((row) => row.id);
    const all: Document[] = [];
    // Sequential, because each export writes the same file.
    for (const id of runs) all.push(...(await exported(rig, id)));
    for (const event of all) expect(faultsOfEvent(event, schemas)).toEqual([]);
    const keys = new Set(all.flatMap(facetsOf).map(([key]) => key));
    expect([...keys].sort()).toEqual([
      ...['dataQualityAssertions', 'dataQualityMetrics', 'datasetType', 'documentation', 'environmentVariables'],
      ...['errorMessage', 'executionParameters', 'inputStatistics', 'jobDependencies', 'jobType', 'nominalTime'],
      ...['outputStatistics', 'ownership', 'parent', 'processing_engine', 'refit_decision', 'refit_metrics'],
      ...['refit_modelVersion', 'refit_run', 'refit_step', 'schema', 'sourceCode', 'sourceCodeLocation', 'tags'],
      ...['test', 'version'],
    ]);
    // The core schema accepts any facet body, so each body is broken once, and the check must notice it.
    for (const key of keys) {
      const event: Document = structuredClone(all.find((one) => facetsOf(one).some(([name]) => name === key)));
      const body = facetsOf(event).find(([name]) => name === key)?.[1];
      for (const field of Object.keys(body)) if (!field.startsWith('_')) body[field] = 7.5;
      expect([key, faultsOfEvent(event, schemas).some((fault) => fault.startsWith(key))]).toEqual([key, true]);
    }
  },
);

it('reports an invalid event target, and a run id given to prometheus', async () => {
  using rig = grown('openlineage: { url: ftp://x, namespce: a }\nnotifications: { openlineage: { run: "true" } }\n');
  const { exit, stderr } = await rig.refit('validate');
  expect(exit).toBe(2);
  for (const place of ['refit.yaml:1:21', 'refit.yaml:1:30', 'refit.yaml:2:31']) expect(stderr).toContain(place);
  expect((await rig.refit('export', 'prometheus', 'latest')).exit).toBe(2);
});
