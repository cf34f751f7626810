import { execFile, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { BIN, createRig, isRunning, type Rig, until } from '../support/rig.js';

const pidIn = (rig: Rig, file: string): number => (rig.has(file) ? Number(rig.read(file)) : 0);

const STEP = 'steps:\n  s: { run: sh s.sh, inputs: [s.sh], outputs: [out.txt] }\n';
const step = (script: string, more = ''): Readonly<Record<string, string>> => ({
  'pipelines/p.yaml': `pipeline: p\n${STEP.replace(' }', `${more} }`)}`,
  's.sh': script,
});

const DEAF = "trap '' TERM INT; echo half > out.txt; echo $$ > child; while :; do sleep 1; done";
const FAR = 'setsid sleep 300 & echo $! > far; sleep 300 & echo $! > near; echo $$ > child; wait';

it('kills steps that ignore TERM at the second ^C, without the grace period, and still records and restores', async () => {
  using rig = createRig(step('echo good > out.txt'));
  await rig.json(0, 'run', 'p');
  rig.write({ 's.sh': DEAF });
  const running = rig.start('run', 'p');
  await until(() => pidIn(rig, 'child') > 0);
  running.kill('SIGINT');
  await running.said('again kills them at once');
  expect(isRunning(pidIn(rig, 'child'))).toBe(true);
  // closer together they are one ^C, handed on by npm
  await delay(150);
  const again = performance.now();
  running.kill('SIGINT');
  expect((await running.ended).exit).toBe(130);
  expect(performance.now() - again).toBeLessThan(5000);
  expect(isRunning(pidIn(rig, 'child'))).toBe(false);
  expect((await rig.json(0, 'runs')).runs[0].status).toBe('cancelled');
  expect(rig.read('out.txt')).toBe('good\n');
});

it('counts two signals that arrive together as one', async () => {
  using rig = createRig(step("trap 'echo told > told; exit 1' TERM; echo $$ > child; while :; do sleep 0.05; done"));
  const running = rig.start('run', 'p');
  await until(() => pidIn(rig, 'child') > 0);
  running.kill('SIGINT');
  running.kill('SIGINT');
  expect((await running.ended).exit).toBe(130);
  expect(rig.has('told')).toBe(true);
});

it('ends grandchildren on SIGTERM, also one in its own session', async () => {
  using rig = createRig(step(FAR));
  const running = rig.start('run', 'p');
  await until(() => pidIn(rig, 'child') > 0);
  running.kill('SIGTERM');
  expect((await running.ended).exit).toBe(143);
  expect(['child', 'near', 'far'].map((file) => isRunning(pidIn(rig, file)))).toEqual([false, false, false]);
  expect((await rig.json(0, 'runs')).runs[0].status).toBe('cancelled');
});

it('ends them at a time-out, too', async () => {
  using rig = createRig(step(FAR, ', timeout: 500ms'));
  expect((await rig.json(1, 'run', 'p')).run.steps[0].status).toBe('timed-out');
  await until(() => pidIn(rig, 'far') > 0);
  expect(['child', 'near', 'far'].map((file) => isRunning(pidIn(rig, file)))).toEqual([false, false, false]);
});

it.each([
  ['its log', ''],
  ['a pipe', ', secrets: [TOKEN]'],
])(
  'ends what a good step leaves, also in a session of its own, and waits for nobody who holds %s open',
  async (_, more) => {
    using rig = createRig(
      step(
        `setsid sleep 300 & echo $! > far; sh -c "trap '' TERM; echo \\$\\$ > near; while :; do sleep 1; done" &
while [ ! -s near ]; do sleep 0.01; done; echo made > out.txt; echo said`,
        more,
      ),
      { TOKEN: 'hush' },
    );
    const document = await rig.json(0, 'run', 'p');
    expect(document.run.steps[0].duration_ms).toBeLessThan(20_000);
    expect(['near', 'far'].map((file) => isRunning(pidIn(rig, file)))).toEqual([false, false]);
    expect(rig.read(document.run.steps[0].log)).toBe('said\n');
  },
);

it('ends what a failed step leaves in a session of its own, and not what another step of the run has there', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
steps:
  bad: { run: 'setsid sleep 300 & echo $! > far; while [ ! -s other ]; do sleep 0.01; done; exit 3', inputs: [], outputs: [o] }
  good: { run: 'setsid sleep 300 & echo $! > other; while [ ! -s go ]; do sleep 0.01; done; touch p', inputs: [], outputs: [p] }
`,
  });
  const running = rig.start('run', 'p', '--keep-going', '--jobs', '2');
  await running.said('bad');
  await until(() => pidIn(rig, 'far') > 0 && !isRunning(pidIn(rig, 'far')));
  expect(isRunning(pidIn(rig, 'other'))).toBe(true);
  rig.write({ go: 'now' });
  expect((await running.ended).exit).toBe(1);
  expect(isRunning(pidIn(rig, 'other'))).toBe(false);
});

it('ends the steps when its terminal is closed', async () => {
  using rig = createRig(step(FAR));
  const terminal = spawn('script', ['-qec', `${process.execPath} ${BIN} run p`, '/dev/null'], {
    cwd: rig.root,
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  await until(() => pidIn(rig, 'child') > 0);
  terminal.kill('SIGKILL');
  await until(() => !isRunning(pidIn(rig, 'child')) && !isRunning(pidIn(rig, 'far')));
  let status = 'running';
  while (status === 'running') status = (await rig.json(0, 'runs')).runs[0].status;
  expect(status).toBe('cancelled');
});

it('succeeds when the reader of its output has gone', async () => {
  using rig = createRig(step('echo made > out.txt; seq 200000'));
  await rig.json(0, 'run', 'p');
  for (const command of ['runs', 'logs latest', '--help', 'run p']) {
    const script = `"${process.execPath}" "${BIN}" ${command} | true; echo "exit \${PIPESTATUS[0]}"`;
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script], { cwd: rig.root });
    expect(stdout).toBe('exit 0\n');
    expect(stderr).not.toContain('bug');
  }
});
