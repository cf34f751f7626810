import { spawn } from 'node:child_process';
import { expect, it } from 'vitest';
import { BIN, createRig, type Document, type Rig, until } from '../support/rig.js';
import { STEERED } from '../support/steering.js';

const pipeline = (...steps: readonly string[]): Readonly<Record<string, string>> => ({
  'pipelines/p.yaml': `pipeline: p\nsteps:\n${steps.map((step) => `  ${step}\n`).join('')}`,
});

const logOf = (rig: Rig, name: string): string => rig.read(`.refit/logs/${rig.list('.refit/logs')[0]}/${name}.1.log`);

it.each([
  ['written by the step itself', '', []],
  ['masked', ', secrets: [TOKEN]', []],
  ['shown', '', ['--verbose']],
])('keeps the order of stdout and stderr in a log that is %s', async (_, more, options) => {
  const lines = Array.from({ length: 50 }, (_, i) => [`o${i}`, `e${i}`]).flat();
  using rig = createRig(
    pipeline(`a: { run: "for i in $(seq 0 49); do echo o$i; echo e$i >&2; done", inputs: [], outputs: []${more} }`),
    { TOKEN: 'a-token' },
  );
  expect((await rig.refit('run', 'p', ...options)).exit).toBe(0);
  expect(logOf(rig, 'a')).toBe(lines.map((line) => `${line}\n`).join(''));
});

it.each([
  ['echo to /dev/stderr', 'echo before; echo named > /dev/stderr; echo after', 'before\nnamed\nafter\n'],
  ['tee to /dev/stderr', 'echo both | tee /dev/stderr', 'both\nboth\n'],
  ['echo to /dev/fd/2', 'echo before; echo named > /dev/fd/2; echo after', 'before\nnamed\nafter\n'],
])('lets a command open its output by name: %s', async (_, run, log) => {
  using rig = createRig(pipeline(`a: { run: "${run}", inputs: [], outputs: [] }`));
  await rig.json(0, 'run', 'p');
  expect(logOf(rig, 'a')).toBe(log);
});

it.each([
  ['two writes', "printf 'key=tok'; sleep 0.3; printf 'en-value;\\n'"],
  ['three writes', "printf 'key=t'; sleep 0.2; printf 'oken'; sleep 0.2; printf -- '-value;\\n'"],
  ['both streams', "printf 'key=tok'; sleep 0.3; printf 'en-value;\\n' >&2"],
])('masks a secret that is cut by %s', async (_, script) => {
  using rig = createRig(
    { ...pipeline('a: { run: sh a.sh, inputs: [], outputs: [], secrets: [TOKEN] }'), 'a.sh': script },
    { TOKEN: 'token-value' },
  );
  const ended = await rig.refit('run', 'p', '--verbose');
  expect(ended.stderr).toContain('a │ key=***;');
  expect(logOf(rig, 'a')).toBe('key=***;\n');
});

it('shows the beginning of a secret that never ends', async () => {
  using rig = createRig(pipeline(`a: { run: "printf 'key=tok'", inputs: [], outputs: [], secrets: [TOKEN] }`), {
    TOKEN: 'token-value',
  });
  await rig.json(0, 'run', 'p');
  expect(logOf(rig, 'a')).toBe('key=tok');
});

it('lets a step finish its log when refit is killed', async () => {
  using rig = createRig(pipeline(`a: { run: ${STEERED}, inputs: [], outputs: [a.txt] }`));
  const running = rig.start('run', 'p');
  const a = await rig.started('a');
  await a.print('before');
  running.kill('SIGKILL');
  await running.ended;
  for (let i = 0; i < 20; i++) await a.print(`after ${i}`);
  await a.exit(0);
  await a.gone;
  expect(logOf(rig, 'a')).toBe(`before\n${Array.from({ length: 20 }, (_, i) => `after ${i}\n`).join('')}`);
});

it.each(['30d', '25d', '300d'])('does not end a step early whose time-out is %s', async (timeout) => {
  using rig = createRig(pipeline(`a: { run: ${STEERED}, inputs: [], outputs: [], timeout: ${timeout} }`));
  const running = rig.start('run', 'p', '--json');
  const a = await rig.started('a');
  // a timer that overflows fires within a millisecond: these round trips take longer
  for (let i = 0; i < 20; i++) await a.print('still here');
  await a.exit(0);
  expect(JSON.parse((await running.ended).stdout).run.steps[0].status).toBe('succeeded');
});

it('waits before a retry however long the delay is', async () => {
  using rig = createRig(
    pipeline('a: { run: "echo x >> tries; exit 1", inputs: [], outputs: [], retries: { count: 1, delay: 30d } }'),
  );
  const running = rig.start('run', 'p');
  await running.said('attempt 2 in 30d');
  expect((await rig.json(0, 'runs')).runs).toMatchObject([{ status: 'running' }]);
  running.kill('SIGINT');
  expect((await running.ended).exit).toBe(130);
  expect(rig.read('tries')).toBe('x\n');
});

it('says that a command with a NUL cannot be started', async () => {
  using rig = createRig(pipeline('a: { run: [echo, "a\\0b"], inputs: [], outputs: [] }'));
  const ended = await rig.refit('run', 'p');
  expect(ended.stderr).not.toContain('bug in refit');
  expect([1, 2]).toContain(ended.exit);
});

/** Starts refit with at most so many file descriptors. */
function startLimited(rig: Rig, descriptors: number, args: string) {
  const command = `ulimit -n ${descriptors}; exec "${process.execPath}" "${BIN}" ${args}`;
  const child = spawn('sh', ['-c', command], { cwd: rig.root, env: { ...process.env, TOKEN: 'a-token' } });
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text;
    });
  const ended = new Promise<number | null>((done) => child.once('close', done));
  return { printed, ended };
}

it('fails the steps for which no file descriptor is free, and finishes the others', async () => {
  // a masked step holds two descriptors of refit while it runs
  const names = Array.from({ length: 60 }, (_, i) => `s${i}`);
  using rig = createRig(
    pipeline(
      ...names.map(
        (name) =>
          `${name}: { run: "until [ -e go ]; do sleep 0.1; done; : ${name}", inputs: [], outputs: [], secrets: [TOKEN] }`,
      ),
    ),
  );
  const running = startLimited(rig, 70, 'run p --jobs 60 --keep-going');
  await until(() => running.printed.stderr.includes('failed'));
  rig.write({ go: '' });
  expect(await running.ended).toBe(1);
  expect(running.printed.stderr).toMatch(/no file descriptor is free|EMFILE/);
  expect(running.printed.stderr).not.toContain('bug in refit');
  const { run } = await rig.json(0, 'show', 'latest');
  expect(run.status).toBe('failed');
  const statuses = new Set(run.steps.map((step: Document) => step.status));
  expect(statuses).toEqual(new Set(['succeeded', 'failed']));
});

it('starts many steps at a time with few file descriptors when they write their logs themselves', async () => {
  const names = Array.from({ length: 60 }, (_, i) => `s${i}`);
  using rig = createRig(
    pipeline(
      ...names.map(
        (name) => `${name}: { run: "until [ -e go ]; do sleep 0.1; done; : ${name}", inputs: [], outputs: [] }`,
      ),
    ),
  );
  const running = startLimited(rig, 60, 'run p --jobs 60');
  await until(() => rig.has('.refit/logs') && rig.files('.refit/logs').length === names.length);
  rig.write({ go: '' });
  expect(await running.ended).toBe(0);
});

it('never takes a lack of file descriptors for a bug', async () => {
  using rig = createRig(pipeline('a: { run: "true", inputs: [], outputs: [] }'));
  const exits: (number | null)[] = [];
  for (const descriptors of [24, 27, 30, 33, 36]) {
    const running = startLimited(rig, descriptors, 'run p --force');
    exits.push(await running.ended);
    const { stderr } = running.printed;
    expect(stderr).not.toContain('bug in refit');
    if (exits.at(-1) !== 0) expect(stderr).toContain('ulimit -n');
  }
  expect(exits).toContain(1);
});
