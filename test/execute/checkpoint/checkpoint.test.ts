import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRig, isRunning, type Rig, until } from '../../support/rig.js';

const EPOCHS = 10;
const STOP = 6;

interface Training {
  readonly stop?: number;
  readonly more?: string;
  readonly params?: string;
}

/** A workspace that trains for ten epochs and, where asked, hangs after the sixth until it is killed. */
function trainer({ stop, more = '', params = '' }: Training = {}): Rig {
  const rig = createRig({
    'pipelines/p.yaml': `pipeline: p
${params}steps:
  train:
    run: exec node sgd.mjs ${EPOCHS} \${{ outputs.model }} ${stop ?? ''}
    inputs: [sgd.mjs]
    outputs: { model: work/model.json }
    checkpoint: work/ckpt
${more}`,
  });
  copyFileSync(join(import.meta.dirname, 'sgd.mjs'), join(rig.root, 'sgd.mjs'));
  return rig;
}

async function undisturbed(): Promise<string> {
  using rig = trainer();
  await rig.json(0, 'run', 'p');
  return rig.read('work/model.json');
}

const stepPid = async (rig: Rig): Promise<number> => {
  await until(() => rig.has('work/waiting'));
  return Number(rig.read('work/waiting'));
};

it('resumes from a checkpoint after kill -9 of refit and of the step, and ends with the same model', async () => {
  using rig = trainer({ stop: STOP });
  const first = rig.start('run', 'p');
  const pid = await stepPid(rig);
  first.kill('SIGKILL');
  await first.ended;
  // the step lives on: the next command ends it
  expect(isRunning(pid)).toBe(true);
  const { run } = await rig.json(0, 'run', 'p');
  expect(rig.read(run.steps[0].log)).toBe(`resuming after epoch ${STOP}\n`);
  expect(rig.read('work/model.json')).toBe(await undisturbed());
  expect(rig.has('work/ckpt')).toBe(false);
  expect(rig.list('.refit/checkpoints')).toEqual([]);
});

it('resumes in a further attempt after the step was killed from outside', async () => {
  using rig = trainer({ stop: STOP, more: '    retries: { count: 1, on: preempted }\n' });
  const running = rig.start('run', 'p', '--json');
  process.kill(await stepPid(rig), 'SIGKILL');
  const ended = await running.ended;
  expect(ended.exit).toBe(0);
  expect(JSON.parse(ended.stdout).run.steps[0]).toMatchObject({ status: 'succeeded', attempts: 2 });
  expect(rig.read('work/model.json')).toBe(await undisturbed());
});

it('resumes after a time-out and after an interrupt', async () => {
  using slow = trainer({ stop: STOP, more: '    timeout: 4s\n    retries: { count: 3 }\n' });
  await slow.json(0, 'run', 'p');
  expect(slow.read('work/model.json')).toBe(await undisturbed());
  using rig = trainer({ stop: STOP });
  const first = rig.start('run', 'p');
  await stepPid(rig);
  first.kill('SIGINT');
  expect((await first.ended).exit).toBe(130);
  const { run } = await rig.json(0, 'run', 'p');
  expect(rig.read(run.steps[0].log)).toContain('resuming');
  expect(rig.read('work/model.json')).toBe(await undisturbed());
});

it('never continues from the checkpoint of other work: an input, a param or --force starts afresh', async () => {
  using rig = trainer({ stop: STOP, more: '    params: [rate]\n', params: 'params: { rate: 1 }\n' });
  const begin = async (...args: readonly string[]): Promise<string> => {
    rig.remove('work/waiting');
    const running = rig.start('run', 'p', ...args);
    const pid = await stepPid(rig);
    running.kill('SIGTERM');
    await running.ended;
    expect(isRunning(pid)).toBe(false);
    const runs = await rig.json(0, 'runs');
    return rig.read(`.refit/logs/${runs.runs[0].id}/train.1.log`);
  };
  expect(await begin()).toContain('starting afresh');
  expect(await begin('--param', 'rate=2')).toContain('starting afresh');
  rig.write({ 'sgd.mjs': `${rig.read('sgd.mjs')}// changed\n` });
  expect(await begin('--param', 'rate=2')).toContain('starting afresh');
  expect(await begin('--param', 'rate=2', '--force')).toContain('starting afresh');
  const { run } = await rig.json(0, 'run', 'p', '--param', 'rate=2');
  expect(rig.read(run.steps[0].log)).toContain('resuming');
});

it('keeps the checkpoint of a step without inputs only within its run', async () => {
  const step = `[ $REFIT_RESUME = 0 ] || { echo resumed > out.txt; exit; }; echo state > "$REFIT_CHECKPOINT/s"; exit 7`;
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
params: { retries: 0 }
steps:
  a: { run: '${step}', outputs: [out.txt], checkpoint: ckpt, retries: { count: 0 } }
`,
  });
  await rig.json(1, 'run', 'p');
  await rig.json(1, 'run', 'p');
  expect(rig.has('out.txt')).toBe(false);
  rig.write({ 'pipelines/p.yaml': rig.read('pipelines/p.yaml').replace('count: 0', 'count: 1') });
  await rig.json(0, 'run', 'p');
  expect(rig.read('out.txt')).toBe('resumed\n');
});

it('deletes no folder that it did not make', async () => {
  using rig = trainer();
  rig.write({ 'work/ckpt/thesis.txt': 'mine' });
  const ended = await rig.refit('run', 'p');
  expect(ended.exit).toBe(1);
  expect(ended.stderr).toContain('the checkpoint "work/ckpt" of step "train" is not a folder that refit made');
  expect(rig.read('work/ckpt/thesis.txt')).toBe('mine');
});

it('tries again only what came from outside with "on: preempted"', async () => {
  const codes = { own: 'exit 3', killed: 'kill -9 $$', shell: 'exit 143', crashed: 'kill -SEGV $$' };
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
steps:
${Object.entries(codes)
  .map(([name, run]) => `  ${name}: { run: '${run}', inputs: [], outputs: [], retries: { count: 2, on: preempted } }\n`)
  .join('')}`,
  });
  const { run } = await rig.json(1, 'run', 'p', '--keep-going');
  const attempts = run.steps.map((step: { name: string; attempts: number }) => [step.name, step.attempts]);
  expect(Object.fromEntries(attempts)).toEqual({ own: 1, killed: 3, shell: 3, crashed: 1 });
});

it.each([
  ['an output of its own', 'outputs: [work], checkpoint: work/ckpt', 'step "a" writes "work"'],
  ['its input folder', 'inputs: [src], outputs: [o], checkpoint: src/ckpt', 'step "a" reads "src"'],
  [
    'a glob of an input',
    'inputs: ["src/**/*.bin"], outputs: [o], checkpoint: src/x.bin',
    'step "a" reads "src/**/*.bin"',
  ],
  [
    'every instance of a matrix',
    'matrix: { k: [1, 2] }, outputs: ["o-${{ matrix.k }}"], checkpoint: c',
    'share the checkpoint "c"',
  ],
  ['the folder of refit', 'outputs: [o], checkpoint: .refit/c', 'lies in .refit, where no pipeline writes'],
])('refuses a checkpoint that is shared with %s', async (_, keys, message) => {
  using rig = createRig({ 'pipelines/p.yaml': `pipeline: p\nsteps:\n  a: { run: "true", ${keys} }\n`, 'src/f': '' });
  const ended = await rig.refit('validate', 'p');
  expect(ended.exit).toBe(2);
  expect(ended.stderr + ended.stdout).toContain(message);
});
