import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createRig, type Document, isRunning, type Rig, until } from '../support/rig.js';
import { STEERED } from '../support/steering.js';

// With many steps to start, a small process of refit's starts them: nothing that users see may depend on it.

const FIRST = Array.from({ length: 20 }, (_, i) => `s${i}`);
const CHAIN = Array.from({ length: 40 }, (_, i) => `t${i}`);

const TWENTY = FIRST.map((name) => `  ${name}: { run: "echo made > ${name}.txt", inputs: [], outputs: [${name}.txt] }`);

/** Twenty steps at once, then one steered step after the other, until there is a file `stop`; each unlike the others, or their results would be shared. */
const pipeline = (rest = ''): Readonly<Record<string, string>> => ({
  'pipelines/p.yaml': [
    'pipeline: p',
    'steps:',
    ...TWENTY,
    ...CHAIN.map(
      (name, i) =>
        `  ${name}: { run: '[ ! -e stop ] || exit 0; : ${name}; ${STEERED}', inputs: [], outputs: [], after: [${CHAIN[i - 1] ?? FIRST.join(', ')}] }`,
    ),
    rest,
  ].join('\n'),
});

const parentOf = (pid: number): number =>
  Number(
    readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')[1],
  );

/** The first of the chain that refit did not start itself. */
async function startedByOther(rig: Rig, refit: number, names: readonly string[] = CHAIN) {
  for (const name of names) {
    const step = await rig.started(name);
    const starter = parentOf(step.pid);
    if (starter !== refit) return { name, step, starter };
    await step.exit(0);
  }
  throw new Error('refit started all of them itself');
}

const stepsOf = (document: Document): Readonly<Record<string, Document>> =>
  Object.fromEntries(document.run.steps.map((step: Document) => [step.name, step]));

it('reports exit codes, signals, logs and what cannot be started, as refit does of its own children', async () => {
  const after = `inputs: [], outputs: [], after: [${CHAIN.at(-1)}]`;
  using rig = createRig(
    pipeline(`  three: { run: "echo out; echo err >&2; exit 3", ${after} }
  killed: { run: "kill -9 $$", ${after} }
  late: { run: "sleep 60", timeout: 100ms, ${after} }
  absent: { run: [no-such-program], ${after} }`),
  );
  const running = rig.start('run', 'p', '--keep-going', '--json');
  const { step, starter } = await startedByOther(rig, running.pid);
  rig.write({ stop: '' });
  await step.exit(0);
  const ended = await running.ended;
  const steps = stepsOf(JSON.parse(ended.stdout));
  expect(steps.three).toMatchObject({ status: 'failed', exit_code: 3 });
  expect(rig.read(steps.three.log)).toBe('out\nerr\n');
  expect(steps.killed).toMatchObject({ status: 'failed' });
  expect(ended.stderr).toContain('SIGKILL');
  expect(steps.late).toMatchObject({ status: 'timed-out' });
  expect(steps.absent).toMatchObject({ status: 'failed' });
  expect(ended.stderr).toContain('"no-such-program" was not found on the PATH');
  await until(() => !isRunning(starter));
});

it('gives steps the environment that refit was started with, what is for Node included', async () => {
  using rig = createRig(pipeline('  seen: { run: [printenv, NODE_NO_WARNINGS, SOME_NAME], inputs: [], outputs: [] }'), {
    NODE_NO_WARNINGS: '1',
    SOME_NAME: 'some value',
  });
  rig.write({ stop: '' });
  const { run } = await rig.json(0, 'run', 'p', '--jobs', '1');
  const seen = run.steps.find((one: Document) => one.name === 'seen');
  expect(rig.read(seen.log)).toBe('1\nsome value\n');
});

it('ends the steps at ^C, and the starter with refit', async () => {
  using rig = createRig(pipeline());
  const running = rig.start('run', 'p', '--json');
  const { name, step, starter } = await startedByOther(rig, running.pid);
  running.kill('SIGINT');
  const ended = await running.ended;
  expect(ended.exit).toBe(130);
  expect(stepsOf(JSON.parse(ended.stdout))[name].status).toBe('cancelled');
  await step.gone;
  await until(() => !isRunning(starter));
});

it('leaves no starter when refit is killed; the next command ends the step that runs on', async () => {
  using rig = createRig(pipeline());
  const running = rig.start('run', 'p');
  const { step, starter } = await startedByOther(rig, running.pid);
  running.kill('SIGKILL');
  await running.ended;
  await until(() => !isRunning(starter));
  expect(isRunning(step.pid)).toBe(true);
  rig.write({ stop: '' });
  await rig.json(0, 'run', 'p');
  await step.gone;
});

it('fails the step whose starter was killed, ends it, and goes on with the other one, then without', async () => {
  const names = CHAIN.map((name) => `u${name}`);
  const steered = (name: string) =>
    `  ${name}: { run: '[ ! -e stop ] || exit 0; : ${name}; ${STEERED}', inputs: [], outputs: [], after: [${FIRST.join(', ')}] }`;
  using rig = createRig({ 'pipelines/p.yaml': ['pipeline: p', 'steps:', ...TWENTY, ...names.map(steered)].join('\n') });
  const running = rig.start('run', 'p', '--keep-going', '--json', '--jobs', '1');
  const first = await startedByOther(rig, running.pid, names);
  process.kill(first.starter, 'SIGKILL');
  const [other = '', last = ''] = names.slice(names.indexOf(first.name) + 1);
  const second = await rig.started(other);
  const otherStarter = parentOf(second.pid);
  expect([running.pid, first.starter]).not.toContain(otherStarter);
  process.kill(otherStarter, 'SIGKILL');
  const third = await rig.started(last);
  expect(parentOf(third.pid)).toBe(running.pid);
  rig.write({ stop: '' });
  await third.exit(0);
  const ended = await running.ended;
  expect(ended.exit).toBe(1);
  const steps = stepsOf(JSON.parse(ended.stdout));
  expect([first.name, other, last].map((name) => steps[name].status)).toEqual(['failed', 'failed', 'succeeded']);
  expect(ended.stderr).toContain('the process of refit that starts steps was killed');
  await Promise.all([first.step.gone, second.gone]);
});
