import { expect, it } from 'vitest';
import { createRig, type Document } from '../support/rig.js';

const pipeline = (steps: string, rest = ''): Readonly<Record<string, string>> => ({
  'pipelines/p.yaml': `pipeline: p\n${rest}steps:\n${steps}`,
});

const statuses = (document: Document): Readonly<Record<string, string>> =>
  Object.fromEntries(document.run.steps.map((one: Document) => [one.name, one.status]));

/** Waits until another step has left its mark, for a while. */
const awaits = (mark: string): string =>
  `for i in $(seq 1000); do [ -e ${mark} ] && break; sleep 0.02; done; [ -e ${mark} ]`;

it('refuses a step that asks for more than there is, before anything runs', async () => {
  using rig = createRig(
    pipeline(`  first: { run: touch first.here, inputs: [], outputs: [first.here] }
  big: { run: "true", inputs: [], resources: { license: 2, memory: 900TiB } }
`),
    { CUDA_VISIBLE_DEVICES: undefined },
  );
  rig.write({ 'refit.yaml': 'resources: { license: 1 }\n' });
  const refused = await rig.refit('run', 'p');
  expect(refused.exit).toBe(2);
  expect(refused.stderr).toMatch(/pipelines\/p\.yaml:4:\d+ error too-few-resources/);
  expect(refused.stderr).toContain('refit.yaml: resources: { license: 2 }');
  expect(refused.stderr).toContain('refit.yaml: resources: { memory: 900TiB }');
  expect(rig.has('first.here')).toBe(false);
  expect((await rig.json(0, 'runs')).runs).toEqual([]);
  // a step that is not chosen asks for nothing
  expect((await rig.json(0, 'run', 'p', '--until', 'first')).run.status).toBe('succeeded');
  rig.write({ 'refit.yaml': 'resources: { license: 2, memory: 900TiB }\n' });
  expect((await rig.json(0, 'run', 'p')).run.status).toBe('succeeded');
  rig.write({ 'refit.yaml': 'resource: { license: 2 }\n' });
  const broken = await rig.refit('run', 'p');
  expect(broken.exit).toBe(2);
  expect(broken.stderr).toContain('refit.yaml:1:1');
  expect(broken.stderr).toContain('did you mean "resources"?');
});

it('keeps a counted resource to its limit while others run beside it', async () => {
  const held = 'mkdir held; touch $REFIT_STEP.ran; rmdir held';
  using rig = createRig({
    ...pipeline(`  a: { run: "${held}", cache: false, inputs: [], resources: { license: 1 } }
  b: { run: "${held}", cache: false, inputs: [], resources: { license: 1 } }
  c: { run: "${held}", cache: false, inputs: [], resources: { license: 1 } }
  beside: { run: "${awaits('c.ran')}", inputs: [] }
`),
    'refit.yaml': 'resources: { license: 1 }\n',
  });
  expect(statuses(await rig.json(0, 'run', 'p', '--jobs', '4'))).toEqual({
    a: 'succeeded',
    b: 'succeeded',
    c: 'succeeded',
    beside: 'succeeded',
  });
});

it('gives GPUs by CUDA_VISIBLE_DEVICES, from the list it inherited itself', async () => {
  const steps =
    pipeline(`  a: { run: "touch a.here; ${awaits('b.here')}; echo $CUDA_VISIBLE_DEVICES > a.gpu", inputs: [], outputs: [a.gpu], resources: { gpus: 1 } }
  b: { run: "touch b.here; ${awaits('a.here')}; echo $CUDA_VISIBLE_DEVICES > b.gpu", inputs: [], outputs: [b.gpu], resources: { gpus: 1 } }
  both: { run: "echo $CUDA_VISIBLE_DEVICES > both.gpu", inputs: [], outputs: [both.gpu], after: [a, b], resources: { gpus: 2 } }
`);
  using rig = createRig(steps, { CUDA_VISIBLE_DEVICES: '3,GPU-5' });
  await rig.json(0, 'run', 'p', '--jobs', '2');
  expect([rig.read('a.gpu').trim(), rig.read('b.gpu').trim()].sort()).toEqual(['3', 'GPU-5']);
  expect(rig.read('both.gpu').trim().split(',').sort()).toEqual(['3', 'GPU-5']);
  using counted = createRig({ ...steps, 'refit.yaml': 'resources: { gpus: 2 }' }, { CUDA_VISIBLE_DEVICES: undefined });
  await counted.json(0, 'run', 'p', '--jobs', '2');
  expect(counted.read('both.gpu').trim().split(',').sort()).toEqual(['0', '1']);
});

it('stops at the first failure, or continues with steps that do not need it', async () => {
  using rig = createRig(
    pipeline(`  bad: { run: "false", inputs: [], outputs: [bad.txt] }
  needs: { run: cp bad.txt needs.txt, inputs: [bad.txt], outputs: [needs.txt] }
  other: { run: touch other.txt, inputs: [], outputs: [other.txt] }
`),
  );
  expect(statuses(await rig.json(1, 'run', 'p', '--jobs', '1'))).toEqual({
    bad: 'failed',
    needs: 'pending',
    other: 'pending',
  });
  expect(statuses(await rig.json(1, 'run', 'p', '--jobs', '1', '--keep-going'))).toEqual({
    bad: 'failed',
    needs: 'pending',
    other: 'succeeded',
  });
});

it('runs exactly the selected steps', async () => {
  using rig = createRig(
    pipeline(`  a: { run: "echo a >> ran.txt; echo a > a.txt", inputs: [], outputs: [a.txt] }
  b: { run: "echo b >> ran.txt; echo b > b.txt", inputs: [a.txt], outputs: [b.txt] }
  c: { run: "echo c >> ran.txt; echo c > c.txt", inputs: [b.txt], outputs: [c.txt] }
  d: { run: "echo d >> ran.txt; echo d > d.txt", inputs: [], outputs: [d.txt] }
`),
  );
  const ran = async (...args: readonly string[]): Promise<string> => {
    rig.remove('ran.txt');
    await rig.json(0, 'run', 'p', ...args, '--jobs', '1');
    return rig.has('ran.txt') ? rig.read('ran.txt').replaceAll('\n', '') : '';
  };
  expect(await ran('--until', 'b')).toBe('ab');
  expect(await ran()).toBe('cd');
  expect(await ran('--force')).toBe('adbc');
  expect(await ran('--force=b')).toBe('b');
  expect(await ran('--force=a,d')).toBe('ad');
  expect(await ran('--force=a', '--force=c')).toBe('ac');
  expect(await ran('--from', 'b', '--force')).toBe('bc');
  expect(await ran('--only', 'c', '--force')).toBe('c');
  expect(await ran('--from', 'a', '--until', 'b', '--force=b')).toBe('b');
  expect(await ran('--only', 'c')).toBe('');
  for (const args of [
    ['--only', 'a', '--until', 'b'],
    ['--until', 'a', '--force=c'],
    ['--from', 'd', '--until', 'b'],
    ['--force=nobody'],
  ])
    expect((await rig.refit('run', 'p', ...args)).exit).toBe(2);
}, 300_000);

it('retries with growing delays, and ignores the metrics of a failed attempt', async () => {
  using rig = createRig({
    ...pipeline(
      '  s: { run: sh s.sh, inputs: [s.sh], outputs: [out.txt], metrics: m.json, retries: { count: 3, delay: 20ms, backoff: exponential } }\n',
    ),
    's.sh': `echo '{"tries": '$REFIT_ATTEMPT', "only'$REFIT_ATTEMPT'": 1}' >> "$REFIT_METRICS"
[ "$REFIT_ATTEMPT" = 1 ] && { echo '{"loss": 1}' > m.json; echo half > out.txt; exit 1; }
[ "$REFIT_ATTEMPT" = 2 ] && exit 1
echo out > out.txt; test -e m.json || echo '{"fresh": 1}' > m.json`,
  });
  const ended = await rig.refit('run', 'p', '--json');
  expect(ended.exit).toBe(0);
  const document = JSON.parse(ended.stdout);
  expect(document.run.steps[0]).toMatchObject({ status: 'succeeded', attempts: 3 });
  expect(document.metrics).toEqual({ fresh: 1, tries: 3, only3: 1 });
  const delays = [...ended.stderr.matchAll(/attempt (\d) in (\d+)ms/g)].map((match) => Number(match[2]));
  expect(delays).toHaveLength(2);
  expect(delays[0]).toBeGreaterThanOrEqual(15);
  expect(delays[0]).toBeLessThanOrEqual(25);
  expect(delays[1]).toBeGreaterThanOrEqual(30);
  expect(delays[1]).toBeLessThanOrEqual(50);
});

it('removes the files, folders and metrics of a failed attempt before the next one', async () => {
  using rig = createRig({
    ...pipeline(
      '  s: { run: sh s.sh, inputs: [s.sh], outputs: [out.txt, tree], metrics: m.json, retries: { count: 2 } }\n',
    ),
    's.sh': `ls -d out.txt tree m.json >> seen.txt 2> errors.txt
mkdir -p tree; echo half > tree/$REFIT_ATTEMPT; echo half > out.txt; echo '{"loss": 1}' > m.json
test "$REFIT_ATTEMPT" = 3`,
  });
  await rig.json(0, 'run', 'p');
  expect(rig.read('seen.txt')).toBe('');
  expect(rig.list('tree')).toEqual(['3']);
});

it('does not accept an output of a failed attempt', async () => {
  using rig = createRig(
    pipeline(
      '  s: { run: "[ $REFIT_ATTEMPT = 2 ] || { echo half > out.txt; exit 1; }", inputs: [], outputs: [out.txt], retries: { count: 1 } }\n',
    ),
  );
  const ended = await rig.refit('run', 'p');
  expect(ended.exit).toBe(1);
  expect(ended.stderr).toContain('did not write "out.txt"');
  expect(rig.has('out.txt')).toBe(false);
});

it('ends at once when interrupted while it waits for the next attempt', async () => {
  using rig = createRig(
    pipeline(
      '  s: { run: "touch tried; exit 1", inputs: [], retries: { count: 5, delay: 10m, backoff: exponential } }\n',
    ),
  );
  const running = rig.start('run', 'p', '--json');
  while ((await rig.json(0, 'runs')).runs.length === 0 || !rig.has('tried'))
    await new Promise((done) => setImmediate(done));
  const id = (await rig.json(0, 'runs')).runs[0].id;
  // the attempt has ended when its outcome is recorded: from then on refit only waits
  while ((await rig.json(0, 'show', id)).run.steps[0].exit_code !== 1) await new Promise((done) => setImmediate(done));
  running.kill('SIGTERM');
  const ended = await running.ended;
  expect(ended.exit).toBe(143);
  expect(JSON.parse(ended.stdout).run).toMatchObject({
    status: 'cancelled',
    steps: [{ status: 'cancelled', attempts: 1 }],
  });
});
