import { expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.js';
import { STEERED } from '../support/steering.js';

/** Copies its input to the model: as cheap as a training can be. `when` is the rest of the retrain section. */
const pipeline = (name: string, when: string, more = ''): string => `pipeline: ${name}
owner: team@example.org
steps:
  train: { run: sh ${name}.sh, inputs: [${name}.sh, ${name}.txt], outputs: [${name}.model] }
model: { path: ${name}.model, gate: [{ smoke: sh ${name}-smoke.sh }], first: accept }
retrain:
  when: ${when}
${more}`;

const files = (name: string, when: string, more = ''): Readonly<Record<string, string>> => ({
  [`pipelines/${name}.yaml`]: pipeline(name, when, more),
  [`${name}.sh`]: `echo trained >> ${name}.log; cp ${name}.txt ${name}.model`,
  [`${name}-smoke.sh`]: 'true',
  [`${name}.txt`]: 'first',
});

const trainings = (rig: Rig, name = 'p'): number =>
  rig.has(`${name}.log`) ? rig.read(`${name}.log`).split('\n').length - 1 : 0;

it('trains once for an event, however often it is reported, and names the decision', async () => {
  using rig = createRig(files('p', '{ event: landed }'));
  const unknown = await rig.refit('trigger', 'p', '--event', 'arrived', '--id', '1');
  expect(unknown).toMatchObject({ exit: 2, stderr: expect.stringContaining('- { event: arrived }') });
  await rig.json(0, 'retrain', 'p', '--now', '2026-01-01');
  rig.write({ 'p.txt': 'second' });
  const tell = ['trigger', 'p', '--event', 'landed', '--id', 'feb', '--now', '2026-02-01'];
  const told = await rig.json(0, ...tell);
  expect(told).toMatchObject({
    known: false,
    answered: true,
    trained_by: told.retrain.id,
    retrain: { decision: 'retrain', outcome: 'published', because: { state: 'fired', ids: ['event:landed:feb'] } },
  });
  rig.write({ 'p.txt': 'third' });
  expect(await rig.json(0, ...tell)).toMatchObject({ known: true, trained_by: told.retrain.id, retrain: null });
  expect((await rig.json(0, 'retrain', 'p', '--now', '2026-02-02')).decision).toBe('wait');
  expect(trainings(rig)).toBe(2);
});

it('keeps an event that was only recorded, and one whose training failed, until a training for it succeeds', async () => {
  using rig = createRig(files('p', '{ event: landed }'));
  await rig.json(0, 'retrain', 'p', '--now', '2026-01-01');
  const tell = (id: string, ...more: readonly string[]) => ['trigger', 'p', '--event', 'landed', '--id', id, ...more];
  expect(await rig.json(0, ...tell('a', '--no-retrain', '--now', '2026-01-02'))).toMatchObject({ answered: false });
  const script = rig.read('p.sh');
  rig.write({ 'p.sh': 'exit 9', 'p.txt': 'second' });
  const failed = await rig.json(1, 'retrain', 'p', '--now', '2026-01-03');
  expect(failed).toMatchObject({ outcome: 'failed', because: { ids: ['event:landed:a'] } });
  expect((await rig.json(0, 'status', 'p', '--now', '2026-01-03')).pipelines[0].last_tick.problem).toBe('step-exited');
  rig.write({ 'p.sh': script });
  const again = await rig.json(0, ...tell('a', '--now', '2026-01-04'));
  expect(again).toMatchObject({ known: true, retrain: { outcome: 'published', because: { ids: ['event:landed:a'] } } });
  expect((await rig.json(0, 'retrain', 'p', '--now', '2026-01-05')).decision).toBe('wait');
  const rows = rig.query("SELECT attempt FROM decision_trigger WHERE trigger = 'event:landed:a' ORDER BY attempt");
  expect(rows.map((row) => row.attempt)).toEqual([1, 2]);
});

it('trains once for a promotion of an upstream model, also one at the same time', async () => {
  using rig = createRig({ ...files('base', 'daily'), ...files('p', '{ upstream: base }') });
  await rig.json(0, 'retrain', 'p', '--now', '2026-01-01');
  expect((await rig.json(0, 'retrain', 'p', '--now', '2026-01-01')).because).toMatchObject({
    state: 'undecided',
    detail: expect.stringContaining('"base"'),
  });
  await rig.json(0, 'retrain', 'base', '--now', '2026-01-01');
  rig.write({ 'p.txt': 'second' });
  const fired = await rig.json(0, 'retrain', 'p', '--now', '2026-01-01');
  expect(fired).toMatchObject({ decision: 'retrain', because: { condition: 'upstream', measured: 'base@1' } });
  expect((await rig.json(0, 'retrain', 'p', '--now', '2026-01-02')).decision).toBe('wait');
});

it('does not train again for code that the gate has refused, until the code changes again', async () => {
  using rig = createRig(files('p', '{ code_change: true }'));
  await rig.json(0, 'retrain', 'p', '--now', '2026-01-01');
  rig.write({ 'p.sh': 'echo trained >> p.log; echo worse > p.model', 'p-smoke.sh': 'exit 1' });
  await rig.json(5, 'retrain', 'p', '--now', '2026-01-02');
  const waiting = await rig.json(0, 'retrain', 'p', '--now', '2026-01-03');
  expect(waiting).toMatchObject({ decision: 'wait', because: { measured: 1, detail: expect.stringContaining('d-') } });
  rig.write({ 'p.sh': 'echo trained >> p.log; echo better > p.model', 'p-smoke.sh': 'true' });
  await rig.json(0, 'retrain', 'p', '--now', '2026-01-04');
  expect(trainings(rig)).toBe(3);
});

it('pauses after three failures by default, continues after resume, and stores the state of the triggers', async () => {
  using rig = createRig(files('p', '{ command: "true", fires: level }'));
  await rig.json(0, 'retrain', 'p', '--now', '2026-01-01');
  const script = rig.read('p.sh');
  rig.write({ 'p.sh': 'echo trained >> p.log; exit 9' });
  for (const day of [2, 3, 4]) await rig.json(1, 'retrain', 'p', '--now', `2026-01-0${day}`);
  const paused = await rig.json(1, 'retrain', 'p', '--now', '2026-01-05');
  expect(paused).toMatchObject({ decision: 'paused', run: null, conditions: { condition: 'command', state: 'fired' } });
  const status = await rig.refit('status', '--now', '2026-01-05');
  expect(status.stdout).toMatch(
    /p {2}stale.*\n {2}paused the last 3 retrains failed; fix the cause, then "refit resume"/,
  );
  rig.write({ 'p.sh': script });
  await rig.json(0, 'resume', 'p', '--reason', 'the disk is mended', '--now', '2026-01-05');
  expect((await rig.json(0, 'status')).pipelines[0].paused).toBeNull();
  expect((await rig.json(0, 'retrain', 'p', '--now', '2026-01-06')).decision).toBe('retrain');
  expect(trainings(rig)).toBe(4);
});

it.each([
  ['by the wall clock', []],
  ['at the same moment as the next tick', ['--now', '2026-01-05']],
])('counts failures anew under --now after a resume that was given %s', async (_, given) => {
  using rig = createRig(files('p', '{ command: "true", fires: level }'));
  await rig.json(0, 'retrain', 'p', '--now', '2026-01-01');
  rig.write({ 'p.sh': 'exit 9' });
  for (const day of [2, 3, 4]) await rig.json(1, 'retrain', 'p', '--now', `2026-01-0${day}`);
  expect((await rig.json(1, 'retrain', 'p', '--now', '2026-01-05')).decision).toBe('paused');
  await rig.json(0, 'resume', 'p', '--reason', 'mended, they say', ...given);
  // It is not mended: three more failures pause it again, and none of the earlier ones counts.
  const decided = [];
  for (let hour = 0; hour < 6; hour++)
    decided.push((await rig.json(1, 'retrain', 'p', '--now', `2026-01-05T0${hour}:00:00Z`)).decision);
  expect(decided).toEqual(['retrain', 'retrain', 'retrain', 'paused', 'paused', 'paused']);
});

it('stays paused by a person, with name and reason, and trains only with --force', async () => {
  using rig = createRig(files('p', '{ command: "true", fires: level }'));
  await rig.json(0, 'retrain', 'p', '--now', '2026-01-01');
  await rig.json(0, 'pause', 'p', '--reason', 'the warehouse moves', '--now', '2026-01-02');
  const paused = await rig.json(0, 'retrain', 'p', '--now', '2026-01-03');
  expect(paused.summary).toContain('the warehouse moves');
  expect((await rig.refit('retrain', 'p', '--reason', 'x', '--now', '2026-01-04')).exit).toBe(2);
  const forced = await rig.json(0, 'retrain', 'p', '--force', '--reason', 'ask Ada', '--now', '2026-01-04');
  expect(forced).toMatchObject({ decision: 'retrain', because: { condition: 'forced', detail: 'ask Ada' } });
});

it('suggests in mode suggest, once for each reason, and shows it as long as it stands', async () => {
  using rig = createRig(files('p', '{ event: landed }', '  mode: suggest\n'));
  await rig.json(0, 'retrain', 'p', '--now', '2026-01-01', '--force');
  rig.write({ 'p.txt': 'second' });
  const tell = async (id: string, day: number) =>
    (await rig.json(0, 'trigger', 'p', '--event', 'landed', '--id', id, '--now', `2026-01-0${day}`)).retrain;
  const suggested = await tell('a', 2);
  expect(suggested).toMatchObject({ decision: 'suggest', run: null });
  // later ticks look again, and say which suggestion stands; they do not suggest the same once more
  const later = await rig.json(0, 'retrain', 'p', '--now', '2026-01-03');
  expect(later).toMatchObject({
    decision: 'wait',
    summary: expect.stringContaining(`${suggested.id} suggested it`),
  });
  expect((await rig.refit('status')).stdout).toContain('suggests event (landed a');
  expect(await tell('b', 3)).toMatchObject({ decision: 'suggest' });
  await rig.json(0, 'retrain', 'p', '--force', '--now', '2026-01-04');
  expect((await rig.json(0, 'retrain', 'p', '--now', '2026-01-05')).decision).toBe('wait');
  const { decisions, pipelines } = await rig.json(0, 'decisions', 'p');
  expect(decisions.map((one: { decision: string }) => one.decision)).toEqual([
    'wait',
    'retrain',
    'suggest',
    'wait',
    'suggest',
    'retrain',
  ]);
  expect(decisions[0]).toMatchObject({
    because: { condition: 'event', state: 'not-fired', measured: 0, threshold: 1 },
  });
  expect(pipelines).toEqual([expect.objectContaining({ pipeline: 'p', owner: 'team@example.org' })]);
  expect((await rig.json(0, 'decisions', '--decision', 'suggest', '--limit', '1')).decisions).toHaveLength(1);
});

it('counts new labels since the last training, without those that are too recent', async () => {
  using rig = createRig({
    ...files('p', '{ new_data: { labels: 2 } }'),
    'rows.csv': 'id,at,late\n1,2026-01-01,0\n2,2026-01-02,1\n3,2026-01-05,\n',
  });
  rig.write({
    'pipelines/p.yaml': `${pipeline('p', '{ new_data: { labels: 2 } }')}datasets:
  rows: { path: rows.csv, time: at }
monitor:
  labels: { query: "select * from \${{ datasets.rows }}", label: late, delay: 1d }
`,
  });
  await rig.json(0, 'retrain', 'p', '--now', '2026-01-06');
  const add = (rows: string): void => rig.write({ 'rows.csv': `${rig.read('rows.csv')}${rows}`, 'p.txt': rows });
  add('4,2026-01-06,1\n5,2026-01-07,1\n6,2026-01-07,\n');
  const young = await rig.json(0, 'retrain', 'p', '--now', '2026-01-07T12:00:00Z');
  expect(young).toMatchObject({ decision: 'wait', because: { measured: 1, threshold: 2 } });
  const fired = await rig.json(0, 'retrain', 'p', '--now', '2026-01-09');
  expect(fired).toMatchObject({ decision: 'retrain', because: { measured: 2 } });
  expect((await rig.json(0, 'retrain', 'p', '--now', '2026-01-10')).because.measured).toBe(0);
});

it('refuses triggers that can never fire', async () => {
  using rig = createRig(files('p', '{ any: [{ prediction_drift: true }, { new_data: { labels: 2 } }] }'));
  const refused = await rig.refit('validate', 'p');
  expect(refused.exit).toBe(2);
  expect(refused.stderr.match(/never-fires/g)).toHaveLength(2);
});

it('evaluates a past time with the champion of that time, and changes nothing', async () => {
  using rig = createRig(files('p', '{ max_age: 20d }'));
  await rig.json(0, 'retrain', 'p', '--now', '2026-01-01');
  rig.write({ 'p.txt': 'second' });
  await rig.json(0, 'retrain', 'p', '--now', '2026-02-01');
  const then = await rig.json(0, 'retrain', 'p', '--now', '2026-01-15', '--dry-run');
  expect(then).toMatchObject({ decision: 'wait', champion: 1, because: { measured: '14d' } });
  const before = await rig.json(0, 'retrain', 'p', '--now', '2025-12-31', '--dry-run');
  expect(before).toMatchObject({ decision: 'retrain', champion: null, because: { condition: 'no-champion' } });
  expect((await rig.json(0, 'decisions')).decisions).toHaveLength(2);
  expect((await rig.json(0, 'status', '--now', '2026-01-15')).pipelines[0].champion.version).toBe(1);
});

it('ends only the pipeline in which a bug occurs', async () => {
  using rig = createRig({ ...files('a', 'daily'), ...files('b', 'daily') });
  await rig.json(0, 'retrain', '--all', '--now', '2026-01-01');
  rig.update("UPDATE retrain_decision SET decision = 'nonsense' WHERE pipeline = 'a'");
  rig.write({ 'b.txt': 'second' });
  const ended = await rig.refit('retrain', '--all', '--now', '2026-01-03', '--json');
  expect(ended.exit).toBe(70);
  expect(ended.stderr).toContain('nonsense');
  const document = JSON.parse(ended.stdout);
  expect(document.pipelines).toEqual([expect.objectContaining({ pipeline: 'b', outcome: 'published' })]);
  expect(document.failures).toEqual([
    expect.objectContaining({ pipeline: 'a', file: 'pipelines/a.yaml', code: 'bug' }),
  ]);
  const problems = rig.query("SELECT problem FROM tick_end JOIN tick ON tick.id = tick WHERE pipeline = 'a'");
  expect(problems.at(-1).problem).toBe('bug');
});

it('names failed pipelines the same in both lists, also busy and invalid ones', async () => {
  using rig = createRig({ ...files('a', 'daily'), 'pipelines/z.yaml': 'pipeline: z\nstepz: {}\n' });
  rig.write({ 'a.sh': STEERED });
  const busy = rig.start('retrain', 'a');
  const step = await rig.started('train');
  const { stdout } = await rig.refit('retrain', '--all', '--json');
  await step.exit(1);
  await busy.ended;
  const { failed, failures } = JSON.parse(stdout);
  expect(failed).toEqual(['a', 'z']);
  expect(failures).toMatchObject([
    { pipeline: 'a', file: 'pipelines/a.yaml', code: 'busy' },
    { pipeline: 'z', file: 'pipelines/z.yaml', code: 'invalid-pipeline' },
  ]);
});

it('keeps the decision of a retraining that was killed while it deployed', async () => {
  const deploy = `model: { path: p.model, gate: [{ smoke: sh p-smoke.sh }], first: accept, publish: { path: served, deploy: { run: '${STEERED}' } } }`;
  using rig = createRig(files('p', 'daily'));
  rig.write({ 'pipelines/p.yaml': rig.read('pipelines/p.yaml').replace(/^model:.*$/m, deploy) });
  const killed = rig.start('retrain', 'p', '--now', '2026-01-01');
  await rig.started('deploy');
  killed.kill('SIGKILL');
  await killed.ended;
  const next = rig.start('retrain', 'p', '--now', '2026-01-01T01:00:00Z');
  await (await rig.started('deploy')).exit(0);
  expect((await next.ended).exit).toBe(0);
  const { decisions } = await rig.json(0, 'decisions');
  const first = decisions.at(-1);
  expect(first).toMatchObject({ decision: 'retrain', outcome: { outcome: 'published' } });
  expect((await rig.json(0, 'why', 'p@1')).decision).toMatchObject({ id: first.id, outcome: 'published' });
  expect((await rig.refit('why', 'p@1')).stdout).not.toContain('run by hand');
});

it('keeps the decision of a retraining that was killed in the gate, which the next tick serves', async () => {
  using rig = createRig(files('p', 'daily'));
  rig.write({ 'p-smoke.sh': STEERED });
  const killed = rig.start('retrain', 'p', '--now', '2026-01-01');
  await rig.started('smoke');
  killed.kill('SIGKILL');
  await killed.ended;
  rig.write({ 'p-smoke.sh': 'true' });
  expect((await rig.json(0, 'retrain', 'p', '--now', '2026-01-02')).outcome).toBe('published');
  const { decisions } = await rig.json(0, 'decisions');
  expect(decisions).toMatchObject([
    { decision: 'retrain', outcome: { outcome: 'published' } },
    { decision: 'retrain', outcome: { outcome: 'failed' } },
  ]);
  expect((await rig.json(0, 'why', 'p@1')).decision).toMatchObject({ id: decisions[0].id, outcome: 'published' });
});

it('says since when no person has acted, and counts a note or a review', async () => {
  using rig = createRig(files('p', 'daily', 'review_every: 90d\n'));
  await rig.json(0, 'retrain', 'p');
  const status = async (now: string) => (await rig.json(0, 'status', 'p', '--now', now)).pipelines[0];
  const today = new Date().toISOString();
  const later = new Date(Date.now() + 91 * 86_400_000).toISOString();
  expect(await status(today)).toMatchObject({ owner: 'team@example.org', review_due: true, last_reviewed: null });
  expect((await rig.refit('status')).stdout).toContain('no human action yet (every 90d)');
  await rig.json(0, 'note', 'p', 'looks well');
  const looked = new Date().toISOString();
  expect(await status(looked)).toMatchObject({ review_due: false, last_reviewed: { what: 'note' } });
  expect(await status(later)).toMatchObject({ review_due: true });
  await rig.json(0, 'review', 'p', '--reason', 'seen', '--now', later);
  expect(await status(later)).toMatchObject({ review_due: false, last_reviewed: { what: 'review' } });
});

it.each([
  [
    'exits with 126',
    'chmod -x ask.sh; exec ./ask.sh',
    'it exited with 126: the shell found it, and may not execute it',
  ],
  ['exits with 127', './no-such-script.sh', 'it exited with 127: the shell found no such command'],
  ['is ended by a signal', 'kill -9 $$', 'it was ended by a signal'],
])('takes a command that %s for no answer, also below not, and says so once to cron', async (_, command, detail) => {
  using rig = createRig({
    ...files('p', `{ any: [{ command: "${command}" }, { not: { command: "${command}" } }] }`),
    'ask.sh': '#!/bin/sh\nexit 0\n',
  });
  await rig.json(0, 'retrain', 'p', '--now', '2026-01-01');
  const waits = await rig.json(0, 'retrain', 'p', '--now', '2026-01-02');
  expect(waits).toMatchObject({
    decision: 'wait',
    because: { of: [{ state: 'undecided', detail }, { state: 'undecided' }] },
  });
  expect(waits.summary).toBe(`no trigger fired, and a command could not answer: ${detail}`);
  expect((await rig.refit('retrain', 'p', '--quiet', '--now', '2026-01-03')).stdout).toBe('');
});

it('tells cron of a command that can no longer be asked, once', async () => {
  using rig = createRig({ ...files('p', '{ command: ./ask.sh }'), 'ask.sh': '#!/bin/sh\nexit 1\n' });
  await rig.json(0, 'retrain', 'p', '--now', '2026-01-01');
  const quiet = async (day: number) => (await rig.refit('retrain', 'p', '--quiet', '--now', `2026-01-0${day}`)).stdout;
  expect(await quiet(2)).toBe('');
  rig.remove('ask.sh');
  expect(await quiet(3)).toContain('a command could not answer: it exited with 127');
  expect(await quiet(4)).toBe('');
});

it('says with --all why a step failed', async () => {
  using rig = createRig({
    ...files('p', '{ max_age: 1d }'),
    ...files('q', '{ max_age: 1d }'),
    'q.sh': 'echo no disk >&2; exit 7',
  });
  const ended = await rig.refit('retrain', '--all', '--now', '2026-01-01');
  expect(ended.exit).toBe(1);
  expect(ended.stderr).toContain('error step-exited step "train" exited with 7');
  expect(ended.stderr).toContain('no disk');
});
