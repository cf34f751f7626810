import { expect, it } from 'vitest';
import { createRig, type Document, type Rig } from '../support/rig.js';
import { SHIFTED_CLOCK, setClock } from '../support/shifted-clock.js';

const pipeline = (trigger: string, more = ''): string => `pipeline: p
steps:
  train: { run: cp in.txt p.model, inputs: [in.txt], outputs: [p.model] }
model: { path: p.model, gate: [{ smoke: sh smoke.sh }], first: accept }
retrain: { when: { any: [${trigger}] }${more} }
`;

const machine = (file: string): Rig =>
  createRig({ 'pipelines/p.yaml': file, 'in.txt': 'one', 'smoke.sh': 'true' }, SHIFTED_CLOCK);

/** One call by the clock of the machine, as cron makes it. */
async function tick(rig: Rig, at: string, content: string): Promise<Document> {
  setClock(rig, at);
  rig.write({ 'in.txt': content });
  const { exit, stdout, stderr } = await rig.refit('retrain', 'p', '--json');
  return { exit, stderr, ...JSON.parse(stdout === '' ? '{}' : stdout) };
}

const LEVEL = '{ command: "true", fires: level }';

it.each([
  ['a cooldown', LEVEL, ', cooldown: 12h'],
  ['a limit', LEVEL, ', limit: { runs: 3, per: 7d }'],
  ['a schedule', '{ schedule: "0 3 * * *" }', ''],
])('a decision of a machine whose clock was a week ahead delays no later one: %s', async (_, trigger, more) => {
  using rig = machine(pipeline(trigger, more));
  expect(await tick(rig, '2026-03-01T06:00:00Z', 'one')).toMatchObject({ outcome: 'published' });
  expect(await tick(rig, '2026-03-09T06:00:00Z', 'two')).toMatchObject({ outcome: 'published' });
  const next = await tick(rig, '2026-03-03T06:00:00Z', 'three');
  expect(next).toMatchObject({
    exit: 0,
    decision: 'retrain',
    outcome: 'published',
    now: expect.stringMatching(/^2026-03-03T06/),
  });
  expect(await tick(rig, '2026-03-04T06:00:00Z', 'four')).toMatchObject({ exit: 0, outcome: 'published' });
});

it('is named by status and doctor, with both times, until its time has come', async () => {
  using rig = machine(pipeline(LEVEL));
  await tick(rig, '2026-03-01T06:00:00Z', 'one');
  const ahead = await tick(rig, '2026-03-09T06:00:00Z', 'two');
  setClock(rig, '2026-03-02T06:00:00Z');
  const [state] = (await rig.json(0, 'status', 'p')).pipelines;
  expect(state.future_decisions).toMatchObject([{ id: ahead.id, now: ahead.now }]);
  expect(state.last_decision.id).not.toBe(ahead.id);
  expect((await rig.refit('status', 'p')).stdout).toContain(`decision ${ahead.id} lie`);
  const { problems } = await rig.json(1, 'doctor');
  expect(problems).toMatchObject([{ code: 'decision-in-the-future', what: expect.stringContaining(ahead.id) }]);
  expect(rig.query('SELECT now, decided_at FROM retrain_decision')).toHaveLength(2);
  setClock(rig, '2026-03-10T06:00:00Z');
  expect((await rig.json(0, 'status', 'p')).pipelines[0].future_decisions).toEqual([]);
  await rig.json(0, 'doctor');
});

it('neither its refusals, its failures nor its pause count before their time', async () => {
  using rig = machine(pipeline(LEVEL, ', pause_after_refusals: 1'));
  await tick(rig, '2026-03-01T06:00:00Z', 'one');
  rig.write({ 'smoke.sh': 'false' });
  expect((await tick(rig, '2026-03-09T06:00:00Z', 'two')).exit).toBe(5);
  expect((await tick(rig, '2026-03-09T07:00:00Z', 'three')).decision).toBe('paused');
  rig.write({ 'smoke.sh': 'true' });
  expect(await tick(rig, '2026-03-02T06:00:00Z', 'four')).toMatchObject({ exit: 0, outcome: 'published' });
  const [state] = (await rig.json(0, 'status', 'p')).pipelines;
  expect([state.paused, state.refused, state.silent]).toEqual([null, null, false]);
});

it('shows ages by one clock: by the ledger where a time is given, else by the wall clock', async () => {
  using rig = machine(pipeline(LEVEL));
  for (let n = 1; n <= 8; n++) {
    setClock(rig, new Date(Date.parse('2026-03-01T06:00:00Z') + n * 5000).toISOString());
    await rig.refit('retrain', 'p', '--now', `2025-01-0${n}`);
  }
  setClock(rig, '2026-03-01T09:00:00Z');
  const wall = await rig.refit('status', 'p');
  expect(wall.stdout).toMatch(/since 2026-03-01 06:0\d UTC \((2h 59m|3h)\)/);
  // Eight calls within a minute by the wall clock have no usual interval, a day apart by the ledger they have.
  expect((await rig.json(0, 'status', 'p')).pipelines[0]).toMatchObject({ tick_every_ms: null, silent: false });
  const given = await rig.refit('status', 'p', '--now', '2025-01-11');
  expect(given.stdout).toMatch(/since 2025-01-0\d 00:00 UTC \(\d+d\)/);
  expect((await rig.json(0, 'status', 'p', '--now', '2025-01-11')).pipelines[0]).toMatchObject({
    tick_every_ms: 86_400_000,
    silent: true,
  });
});

it('an answer, a pause or a candidate of a machine whose clock was ahead outweighs none that people give later', async () => {
  using rig = machine(pipeline(LEVEL).replace('p.model, gate', 'p.model, approval: manual, gate'));
  await tick(rig, '2026-03-01T06:00:00Z', 'one');
  setClock(rig, '2026-03-09T06:00:00Z');
  await rig.json(0, 'reject', 'p@1', '--reason', 'too early');
  setClock(rig, '2026-03-01T07:00:00Z');
  expect(await rig.json(0, 'approve', 'p@1', '--reason', 'it is good')).toMatchObject({ promotion: { to: 1 } });

  const ahead = await tick(rig, '2026-03-09T07:00:00Z', 'two');
  expect(ahead).toMatchObject({ outcome: 'pending-approval' });
  await rig.json(0, 'pause', 'p', '--reason', 'by the clock that is ahead');
  expect(await tick(rig, '2026-03-02T06:00:00Z', 'three')).toMatchObject({ outcome: 'pending-approval' });
  setClock(rig, '2026-03-02T07:00:00Z');
  await rig.json(0, 'pause', 'p', '--reason', 'by a right clock');
  expect((await rig.json(0, 'status', 'p')).pipelines[0]).toMatchObject({
    waiting_for_approval: { version: 3 },
    paused: { reason: 'by a right clock' },
    last_reviewed: { what: 'pause', at: expect.stringMatching(/^2026-03-02T07/) },
    last_run: { id: expect.stringMatching(/^20260302/) },
  });
  setClock(rig, '2026-03-02T08:00:00Z');
  await rig.json(0, 'resume', 'p', '--reason', 'goes on');
  // Also where a time is given, which reads the ledger without a limit.
  expect(await rig.json(0, 'retrain', 'p', '--now', '2026-03-02T09:00:00Z')).toMatchObject({ decision: 'retrain' });
  setClock(rig, '2026-03-02T10:00:00Z');
  await rig.json(0, 'approve', 'p@3', '--reason', 'it is good');
  setClock(rig, '2026-03-02T11:00:00Z');
  expect((await rig.json(0, 'status', 'p')).pipelines[0].waiting_for_approval).toBeNull();
  expect((await rig.json(0, 'delivery', 'p')).models[0].until).toMatch(/^2026-03-02T11/);
});

it('a run of a machine whose clock was ahead is the last one neither for status, gauges nor metrics', async () => {
  const file = `pipeline: p
steps: { a: { run: 'printf "{\\"%s\\": 1}" $(cat in.txt) > m.json', inputs: [in.txt], outputs: [m.json], metrics: m.json } }
`;
  using rig = machine(file);
  setClock(rig, '2026-03-09T06:00:00Z');
  rig.write({ 'in.txt': 'early' });
  await rig.json(0, 'run', 'p');
  setClock(rig, '2026-03-02T06:00:00Z');
  rig.write({ 'in.txt': 'late' });
  await rig.json(0, 'run', 'p');
  setClock(rig, '2026-03-02T07:00:00Z');
  const [state] = (await rig.json(0, 'status', 'p')).pipelines;
  expect(state.last_run.started_at).toMatch(/^2026-03-02/);
  const { gauges } = await rig.json(0, 'export', 'prometheus');
  const began = gauges.find(({ name }: { name: string }) => name === 'last_run_timestamp_seconds').value;
  expect(Math.floor(began)).toBe(Math.floor(Date.parse(state.last_run.started_at) / 1000));
  const { error } = await rig.json(2, 'metrics', 'p', '--key', 'none');
  expect(error.next).toMatch(/^there are: late;/);
});

it('a candidate that was approved by a clock ahead waits for nobody by a right clock', async () => {
  using rig = machine(pipeline(LEVEL).replace('p.model, gate', 'p.model, approval: manual, gate'));
  await tick(rig, '2026-03-01T06:00:00Z', 'one');
  setClock(rig, '2026-03-02T06:00:00Z');
  await rig.json(0, 'approve', 'p@1', '--reason', 'it is good');
  setClock(rig, '2026-03-01T07:00:00Z');
  expect((await rig.json(0, 'status', 'p')).pipelines[0].waiting_for_approval).toBeNull();
});

it('an answer that a right clock gives after one of a clock ahead counts as a review when it was given', async () => {
  using rig = machine(pipeline(LEVEL).replace('p.model, gate', 'p.model, approval: manual, gate'));
  await tick(rig, '2026-03-01T06:00:00Z', 'one');
  setClock(rig, '2026-03-09T06:00:00Z');
  await rig.json(0, 'reject', 'p@1', '--reason', 'too early');
  setClock(rig, '2026-03-03T06:00:00Z');
  await rig.json(0, 'reject', 'p@1', '--reason', 'not good');
  setClock(rig, '2026-03-03T07:00:00Z');
  const [{ last_reviewed }] = (await rig.json(0, 'status', 'p')).pipelines;
  expect(last_reviewed.what).toBe('approval');
  expect(Math.abs(last_reviewed.age_ms - 3_600_000)).toBeLessThan(60_000);
});

it('the age of a note counts from when it was written, days after the last decision', async () => {
  using rig = machine(pipeline(LEVEL));
  await tick(rig, '2026-03-01T06:00:00Z', 'one');
  setClock(rig, '2026-03-06T06:00:00Z');
  await rig.json(0, 'note', 'p@1', 'looked at it');
  setClock(rig, '2026-03-06T07:00:00Z');
  for (const now of [[], ['--now', '2026-03-06T07:00:00Z']]) {
    const [{ last_reviewed }] = (await rig.json(0, 'status', 'p', ...now)).pipelines;
    expect(last_reviewed.what).toBe('note');
    expect(Math.abs(last_reviewed.age_ms - 3_600_000)).toBeLessThan(60_000);
  }
});
