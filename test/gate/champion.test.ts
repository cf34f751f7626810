import { expect, it } from 'vitest';
import { createRig, type Document, type Rig } from '../support/rig.js';
import { EVALUATE, ease, PIPELINE, source } from './scored-model.js';

const limit = (auc: number): Record<string, string> => ({
  'pipelines/m.yaml': PIPELINE.replace('auc >= 0.6', `auc >= ${auc}`),
});

/** A workspace in which m@1, with an auc of 0.7, serves. */
async function serving(): Promise<Rig> {
  const rig = createRig({ ...limit(0.6), 'evaluate.mjs': EVALUATE, ...ease(0), ...source(0.7) });
  await rig.json(0, 'retrain', 'm', '--now', '2026-01-01');
  return rig;
}

const CHANGES: readonly (readonly [string, Record<string, string>])[] = [
  ['the gate', limit(0.9)],
  ['the test data', ease(-0.2)],
  ['the code of evaluate', { 'evaluate.mjs': EVALUATE.replace('.ease }', '.ease - 0.2 }') }],
  [
    'the command of evaluate',
    { 'pipelines/m.yaml': PIPELINE.replace('node evaluate.mjs', 'EASE=1 node evaluate.mjs').replace('0.6', '0.71') },
  ],
];

it.each(CHANGES)('judges the champion again when %s has changed and the run made it again', async (_, files) => {
  using rig = await serving();
  rig.write(files);
  const { gate } = await rig.json(0, 'run', 'm');
  expect(gate).toMatchObject({ verdict: 'fail', checks: [{ verdict: 'fail' }, { verdict: 'not-applicable' }] });
  const retrained = await rig.json(5, 'retrain', 'm', '--now', '2026-01-02', '--force');
  expect(retrained).toMatchObject({ outcome: 'nothing-new', gate: { verdict: 'fail' } });
  const promoted = await rig.refit('promote', 'm@1', '--reason', 'again');
  expect(promoted.exit).toBe(5);
  expect(promoted.stdout).toContain('serves, and fails the gate');
  const { pipelines } = await rig.json(0, 'status', 'm');
  expect(pipelines[0].champion.fails_gate).toEqual([gate.checks[0].name]);
});

it('does not score the champion again when nothing has changed', async () => {
  using rig = await serving();
  await rig.json(0, 'run', 'm');
  const count = (): Document => rig.query('SELECT count(*) AS n FROM evaluation')[0];
  const before = count();
  await rig.json(0, 'run', 'm');
  await rig.json(0, 'promote', 'm@1', '--reason', 'again');
  expect(count()).toEqual(before);
});

it('shows the champion beside the candidate, and says which limits it does not keep itself', async () => {
  using rig = await serving();
  rig.write({ ...limit(0.75), ...source(0.8) });
  const { gate } = await rig.json(0, 'run', 'm');
  expect(gate.checks).toMatchObject([
    { observed: 0.8, champion: 0.7, champion_verdict: 'fail', verdict: 'pass' },
    { champion: 0.7, champion_verdict: null, verdict: 'pass' },
  ]);
  const { stdout } = await rig.refit('run', 'm');
  expect(stdout).toMatch(/check +verdict +champion +detail/);
  expect(stdout).toContain('the champion fails too version 1, which serves, does not keep auc >= 0.75');
  expect((await rig.refit('status', 'm')).stdout).toContain('the champion fails it: auc >= 0.75');
});

it('judges a candidate with the bytes of the champion like any other', async () => {
  using rig = await serving();
  // Other params, the same bytes: a version of its own.
  rig.write({
    'pipelines/m.yaml': rig.read('pipelines/m.yaml').replace('run: cp source.json', 'run: true; cp source.json'),
  });
  expect(await rig.json(0, 'run', 'm')).toMatchObject({ model_version: 'm@2', gate: { verdict: 'pass' } });
  rig.write({ 'pipelines/m.yaml': rig.read('pipelines/m.yaml').replace('auc >= 0.6', 'auc >= 0.9') });
  await rig.json(5, 'promote', 'm@2', '--reason', 'the same bytes');
});

it('takes a champion that was accepted without limits as a version that serves, not as a first one', async () => {
  const comparing = PIPELINE.replace('gate: [auc >= 0.6, {', 'first: accept\n  gate: [{');
  using rig = createRig({ 'pipelines/m.yaml': comparing, 'evaluate.mjs': EVALUATE, ...ease(0), ...source(0.7) });
  await rig.json(0, 'retrain', 'm', '--now', '2026-01-01');
  rig.write({ 'pipelines/m.yaml': comparing.replace('0.01', '0.02') });
  const { gate } = await rig.json(0, 'run', 'm');
  expect(gate.checks.map(({ name }: Document) => name).at(-1)).toBe('serving version');
  rig.write({ 'pipelines/m.yaml': comparing.replace('gate: [{', 'gate: [auc >= 0.9, {') });
  expect((await rig.json(0, 'run', 'm')).gate.verdict).toBe('fail');
});

it('backs off and pauses when what is trained is the champion, and the champion does not keep the gate', async () => {
  using rig = await serving();
  rig.write({ 'pipelines/m.yaml': limit(0.9)['pipelines/m.yaml']?.replace('retrain: daily', LEVEL) ?? '' });
  const ends = [];
  for (const day of ['02', '03', '04', '05', '06', '07', '08']) {
    const { exit, stdout } = await rig.refit('retrain', 'm', '--now', `2026-01-${day}`, '--json');
    const { decision, outcome } = JSON.parse(stdout);
    ends.push([exit, decision, outcome]);
  }
  const refused = [5, 'retrain', 'nothing-new'];
  const waits = [0, 'wait', null];
  expect(ends).toEqual([refused, waits, refused, waits, waits, refused, [1, 'paused', null]]);
  const { stdout } = await rig.refit('status', 'm', '--now', '2026-01-08');
  expect(stdout).toContain('paused');
  expect(stdout).toContain('auc >= 0.9');
});

const LEVEL = 'retrain: { when: { command: "true", fires: level } }';

it('names a version to go back to only if there is one', async () => {
  using rig = await serving();
  rig.write(limit(0.9));
  const alone = (await rig.refit('run', 'm')).stdout;
  expect(alone).toContain('there is no earlier version to go back to');
  expect(alone).not.toContain('refit rollback');
  rig.write({ ...limit(0.6), ...source(0.8) });
  await rig.json(0, 'retrain', 'm', '--now', '2026-01-02', '--force');
  rig.write(limit(0.9));
  for (const args of [
    ['run', 'm'],
    ['promote', 'm@2', '--reason', 'again'],
    ['retrain', 'm', '--force', '--now', '2026-01-03'],
  ])
    expect((await rig.refit(...args)).stdout).toContain('go back to version 1: refit rollback m --reason');
  await rig.json(0, 'rollback', 'm', '--reason', 'as offered');
  // Of version 1 nothing came before.
  rig.write(source(0.7));
  expect((await rig.refit('run', 'm')).stdout).toContain('there is no earlier version to go back to');
});
