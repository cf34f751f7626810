import { expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.js';

const yaml = (model = ''): Record<string, string> => ({
  'pipelines/m.yaml': `pipeline: m
steps:
  train: { run: cp source.json model.json; cp source.json metrics.json, inputs: [source.json], outputs: [model.json], metrics: metrics.json }
model: { path: model.json, gate: [auc >= 0.6], approval: manual, publish: { path: serving/m }${model} }
retrain: daily
`,
});
const auc = (value: number): Record<string, string> => ({ 'source.json': JSON.stringify({ auc: value }) });
const asked = (model = ''): Rig => createRig({ ...yaml(model), ...auc(0.7) }, { REFIT_ACTOR: 'ada' });
const served = (rig: Rig): unknown =>
  rig.has('serving/m/current.json') ? JSON.parse(rig.read('serving/m/current.json')).version : undefined;

it('waits for an approval: exit 0, nothing served, shown by status, served by approve with actor and reason', async () => {
  using rig = asked();
  const waiting = await rig.json(0, 'retrain', 'm', '--now', '2026-01-01');
  expect(waiting).toMatchObject({ outcome: 'pending-approval', promotion: null, pending: 'approval' });
  expect(served(rig)).toBeUndefined();
  const [status] = (await rig.json(0, 'status', '--now', '2026-01-02')).pipelines;
  expect(status).toMatchObject({ champion: null, waiting_for_approval: { version: 1, answer: 'none' } });
  expect((await rig.refit('status', 'm')).stdout).toContain('refit approve m@1');
  const refused = await rig.json(5, 'promote', 'm@1', '--reason', 'I want it');
  expect(refused).toMatchObject({ promotion: null, pending: 'approval' });

  const approved = await rig.json(0, 'approve', 'm@1', '--reason', 'looks right', '--now', '2026-01-02');
  expect(approved).toMatchObject({
    approval: { answer: 'approved', actor: 'ada', reason: 'looks right', expires_at: '2026-01-09T00:00:00.000Z' },
    promotion: { to: 1, approved: true, reason: 'approved: looks right' },
  });
  expect(served(rig)).toBe(1);
  expect((await rig.json(0, 'status')).pipelines[0].waiting_for_approval).toBeNull();
  const why = await rig.json(0, 'why', 'm');
  expect(why.approvals).toMatchObject([{ version: 1, actor: 'ada', reason: 'looks right' }]);
  expect((await rig.refit('why', 'm')).stdout).toContain('looks right, by ada');
});

it('does not serve a rejected version by retrain or promote, until a person approves it', async () => {
  using rig = asked();
  await rig.json(0, 'retrain', 'm', '--now', '2026-01-01');
  await rig.json(0, 'reject', 'm@1', '--reason', 'too old');
  expect((await rig.json(0, 'status')).pipelines[0].waiting_for_approval).toBeNull();
  const again = await rig.json(0, 'retrain', 'm', '--now', '2026-01-02', '--force');
  expect(again).toMatchObject({ outcome: 'rejected-before', model_version: 'm@1', promotion: null });
  const refused = await rig.refit('promote', 'm@1', '--reason', 'try');
  expect([refused.exit, refused.stdout]).toEqual([5, expect.stringContaining('was rejected by ada: too old')]);
  await rig.json(0, 'approve', 'm@1', '--reason', 'it is the best we have');
  expect(served(rig)).toBe(1);
});

it('lets an approval serve once, and not after it has expired', async () => {
  using rig = asked(', approval_expires: 2d');
  await rig.json(0, 'run', 'm');
  // the gate refuses when it is approved: the approval is kept, and serves when the gate lets it pass
  rig.write({ 'pipelines/m.yaml': rig.read('pipelines/m.yaml').replace('auc >= 0.6', 'auc >= 0.9') });
  expect((await rig.json(5, 'approve', 'm@1', '--reason', 'yes', '--now', '2026-01-01')).promotion).toBeNull();
  rig.write(yaml(', approval_expires: 2d'));
  const late = await rig.json(5, 'promote', 'm@1', '--reason', 'late', '--now', '2026-01-03');
  expect(late.pending).toBe('approval');
  await rig.json(0, 'promote', 'm@1', '--reason', 'in time', '--now', '2026-01-02T23:00');
  rig.write(auc(0.8));
  await rig.json(0, 'run', 'm');
  await rig.json(0, 'promote', 'm@2', '--reason', 'urgent', '--force');
  await rig.json(5, 'promote', 'm@1', '--reason', 'its approval has served', '--now', '2026-01-02T23:30');
});

it('publishes a version that is approved already, without a second answer', async () => {
  using rig = asked();
  await rig.json(0, 'retrain', 'm', '--now', '2026-01-01');
  rig.write({ 'pipelines/m.yaml': rig.read('pipelines/m.yaml').replace('auc >= 0.6', 'auc >= 0.9') });
  await rig.json(5, 'approve', 'm@1', '--reason', 'yes', '--now', '2026-01-02');
  rig.write(yaml());
  const published = await rig.json(0, 'retrain', 'm', '--now', '2026-01-03', '--force');
  expect(published).toMatchObject({ outcome: 'published', promotion: { to: 1, approved: true } });
});

it('marks forced promotions permanently, in the history, in status, in why and in the ledger', async () => {
  using rig = asked();
  rig.write(auc(0.1));
  await rig.json(0, 'run', 'm');
  expect((await rig.refit('promote', 'm@1', '--force')).exit).toBe(2);
  expect((await rig.refit('promote', 'm@1', '--force', '--reason', ' ')).exit).toBe(2);
  const forced = await rig.json(0, 'promote', 'm@1', '--force', '--reason', 'the sensor is down');
  expect(forced).toMatchObject({ gate: { verdict: 'fail' }, promotion: { forced: true, approved: false } });
  expect((await rig.json(0, 'status')).pipelines[0].champion.forced).toBe(true);
  for (const args of [['status'], ['why', 'm'], ['served', 'm'], ['models', 'm']])
    expect((await rig.refit(...args)).stdout, args[0]).toContain('forced');
  const { ledger } = await rig.json(0, 'served', 'm');
  expect(ledger[0]).toMatchObject({ forced: true, reason: 'the sensor is down', gate: { verdict: 'fail' } });
});

it('reports that no approval is required, or that nothing waits for one', async () => {
  using rig = asked();
  await rig.json(0, 'run', 'm');
  await rig.json(0, 'approve', 'm@1', '--reason', 'yes');
  expect((await rig.refit('approve', 'm@1', '--reason', 'again')).stderr).toContain('serves already');
  expect((await rig.refit('reject', 'm@7', '--reason', 'no')).exit).toBe(2);
  rig.write({ 'pipelines/m.yaml': rig.read('pipelines/m.yaml').replace('manual', 'automatic') });
  rig.write(auc(0.8));
  await rig.json(0, 'run', 'm');
  const needless = await rig.refit('approve', 'm@2', '--reason', 'yes');
  expect([needless.exit, needless.stderr]).toEqual([2, expect.stringContaining('approval: manual')]);
});
