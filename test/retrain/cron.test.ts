import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BIN, createRig, type Rig } from '../support/rig.js';
import { STEERED } from '../support/steering.js';

const PIPELINE = `pipeline: m
steps:
  train: { run: 'cp source.txt model.txt; echo "{\\"auc\\": 0.7}" > auc.json', inputs: [source.txt], outputs: [model.txt], metrics: auc.json }
model: { path: model.txt, gate: [auc >= 0.5], publish: { path: serving/m } }
retrain: { when: { any: [{ command: sh moved.sh, fires: level }] } }
`;

/** Fires when the source was changed since it last fired. */
const MOVED = 'cmp -s source.txt seen.txt && exit 1; cp source.txt seen.txt\n';

interface Mail {
  readonly exit: number | null;
  readonly text: string;
}

/** Runs a line as cron does: `sh -c` with almost no environment, nothing to read, and one pipe for both streams, which is mailed. */
function cron(rig: Rig, line: string): Promise<Mail> {
  const env = { PATH: '/usr/bin:/bin', SHELL: '/bin/sh', HOME: rig.root, LOGNAME: 'nobody' };
  const child = spawn('/bin/sh', ['-c', `exec 2>&1; ${line}`], { cwd: '/', env, stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  return new Promise((done) => child.on('close', (exit) => done({ exit, text })));
}

const dayOf = (tick: number): string => new Date(Date.UTC(2026, 0, 1 + tick, 3)).toISOString();

/** A change takes effect at these ticks; the first trains because nothing serves yet. */
const CHANGES = new Set([0, 20, 41]);

it('mails nothing on a "no", and once on a change, in sixty ticks of cron', async () => {
  using rig = createRig({
    'pipelines/m.yaml': PIPELINE,
    'moved.sh': MOVED,
    'source.txt': 'tick 0',
    'seen.txt': 'tick 0',
  });
  const mails: { readonly tick: number; readonly text: string }[] = [];
  for (let tick = 0; tick < 60; tick++) {
    if (CHANGES.has(tick)) rig.write({ 'source.txt': `tick ${tick}` });
    const line = `cd ${rig.root} && ${process.execPath} ${BIN} retrain --all --quiet --now ${dayOf(tick)}`;
    const { exit, text } = await cron(rig, line);
    expect(exit, text).toBe(0);
    if (text !== '') mails.push({ tick, text });
  }
  expect(mails.map(({ tick }) => tick)).toEqual([...CHANGES]);
  for (const { text } of mails) expect(text).toMatch(/m@\d/);
  expect(rig.read(join('serving/m/current/model.txt'))).toBe('tick 41');
  expect((await rig.json(0, 'decisions', '--limit', '100')).decisions).toHaveLength(60);
}, 300_000);

it('mails a hold when it begins and when it ends, and a failure each time', async () => {
  using rig = createRig({ 'pipelines/m.yaml': PIPELINE, 'moved.sh': MOVED, 'source.txt': 'a', 'seen.txt': 'a' });
  const tick = async (day: number): Promise<Mail> =>
    cron(rig, `cd ${rig.root} && ${process.execPath} ${BIN} retrain m --quiet --now ${dayOf(day)}`);
  await tick(0);
  await rig.json(0, 'pause', 'm', '--reason', 'holiday', '--now', dayOf(1));
  expect((await tick(2)).text).toContain('paused');
  expect(await tick(3)).toEqual({ exit: 0, text: '' });
  await rig.json(0, 'resume', 'm', '--reason', 'back', '--now', dayOf(4));
  expect((await tick(5)).text).toContain('wait');
  expect(await tick(6)).toEqual({ exit: 0, text: '' });
  rig.remove('pipelines/m.yaml');
  for (const day of [7, 8]) expect((await tick(day)).text).toContain('pipeline-not-found');
}, 300_000);

it('mails nothing while another command works on the pipeline', async () => {
  const steered = PIPELINE.replace(/run: '[^']*', inputs/, `run: ${STEERED}, inputs`).replace(
    ', metrics: auc.json',
    '',
  );
  using rig = createRig({ 'pipelines/m.yaml': steered, 'moved.sh': MOVED, 'source.txt': 'a', 'seen.txt': 'a' });
  const tick = (options: string): Promise<Mail> =>
    cron(rig, `cd ${rig.root} && ${process.execPath} ${BIN} retrain ${options}`);
  const other = rig.start('run', 'm');
  const step = await rig.started('train');
  expect(await tick('m --quiet')).toEqual({ exit: 6, text: '' });
  expect(await tick('--all --quiet')).toEqual({ exit: 6, text: '' });
  expect(await tick('m')).toMatchObject({ exit: 6, text: expect.stringContaining('is busy') });
  await step.exit(1);
  await other.ended;
}, 300_000);
