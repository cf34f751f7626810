import { expect, it } from 'vitest';
import { countingStep, createRig, isRunning } from '../support/rig.js';

const pipeline = (steps: string, rest = ''): Readonly<Record<string, string>> => ({
  'pipelines/p.yaml': `pipeline: p\n${rest}steps:\n${steps}`,
});

it('shows the tail of a failed log, its path and what to do, and puts the last good output back', async () => {
  using rig = createRig({
    ...pipeline('  s: { run: sh s.sh, inputs: [s.sh], outputs: [out.txt] }\n'),
    's.sh': 'echo good > out.txt',
  });
  await rig.json(0, 'run', 'p');
  rig.write({ 's.sh': 'echo half > out.txt; echo "no memory left" >&2; exit 3' });
  const ended = await rig.refit('run', 'p');
  expect(ended.exit).toBe(1);
  expect(ended.stderr).toContain('no memory left');
  expect(ended.stderr).toMatch(/\.refit\/logs\/[\d-]+-[0-9a-f]{6}\/s\.1\.log/);
  expect(ended.stderr).toContain('exited with 3');
  expect(ended.stderr).toContain('run again');
  expect(rig.read('out.txt')).toBe('good\n');
  expect((await rig.json(1, 'run', 'p')).run.status).toBe('failed');
});

it('skips by content, not by time, and shows every reason to run again', async () => {
  using rig = createRig({
    ...pipeline(
      `  a: { run: "${countingStep('a.txt').replaceAll('"', '\\"').replaceAll('\\n', '\\\\n')} \${{ params.x }}", inputs: [in.txt], outputs: [a.txt] }\n`,
      'params: { x: 1, unused: 1 }\n',
    ),
    'in.txt': 'one',
  });
  await rig.json(0, 'run', 'p');
  rig.write({ 'in.txt': 'one' });
  expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('skip');
  expect((await rig.json(0, 'plan', 'p', '--param', 'unused=2')).steps[0].action).toBe('skip');
  rig.write({ 'in.txt': 'two' });
  const plan = await rig.json(0, 'plan', 'p', '--param', 'x=2');
  expect(plan.steps[0]).toMatchObject({
    action: 'run',
    reasons: [{ code: 'input-changed' }, { code: 'param-changed', before: '1', after: '2' }],
  });
  await rig.json(0, 'run', 'p', '--param', 'x=2');
  rig.write({ 'in.txt': 'one' });
  expect((await rig.json(0, 'run', 'p')).run.steps[0].status).toBe('restored');
  expect(rig.read('ran.txt')).toBe('a\na\n');
});

it('restores a deleted output, and runs again for a changed one', async () => {
  using rig = createRig(
    pipeline('  a: { run: echo $REFIT_STEP >> ran.txt; echo made > a.txt, inputs: [], outputs: [a.txt] }\n'),
  );
  await rig.json(0, 'run', 'p');
  rig.remove('a.txt');
  expect((await rig.json(0, 'run', 'p')).run.steps[0]).toMatchObject({
    status: 'restored',
    reasons: [{ code: 'output-missing' }],
  });
  rig.write({ 'a.txt': 'altered' });
  expect((await rig.json(0, 'plan', 'p')).steps[0].reasons[0].code).toBe('output-changed');
  await rig.json(0, 'run', 'p');
  expect(rig.read('a.txt')).toBe('made\n');
  expect(rig.read('ran.txt')).toBe('a\n');
});

it('runs again when a stored object is damaged, and reports it', async () => {
  using rig = createRig(pipeline('  a: { run: echo made > a.txt, inputs: [], outputs: [a.txt] }\n'));
  await rig.json(0, 'run', 'p');
  const { steps } = await rig
    .json(0, 'why', 'latest')
    .catch(async () => rig.json(0, 'why', (await rig.json(0, 'runs')).runs[0].id));
  const hash: string = steps[0].writes[0].hash;
  const stored = `.refit/store/${hash.slice(0, 2)}/${hash.slice(2)}`;
  rig.remove(stored);
  rig.write({ [stored]: 'garbage' });
  rig.remove('a.txt');
  const ended = await rig.refit('run', 'p', '--json');
  expect(ended.exit).toBe(0);
  expect(ended.stderr).toContain('damaged');
  expect(JSON.parse(ended.stdout).run.steps[0].status).toBe('succeeded');
  expect(rig.read('a.txt')).toBe('made\n');
});

it('fails a step whose declared output or finite metrics are missing', async () => {
  using rig = createRig(
    pipeline(`  none: { run: "true", inputs: [], outputs: [never.txt] }
  nan: { run: "echo '{\\"loss\\": NaN}' > m.json", inputs: [], outputs: [], metrics: m.json }
`),
  );
  const ended = await rig.refit('run', 'p', '--keep-going');
  expect(ended.exit).toBe(1);
  expect(ended.stderr).toContain('did not write "never.txt"');
  expect(ended.stderr).toContain('"loss": it is NaN');
});

it('marks a run as tainted when an input changed, and caches and registers nothing from it', async () => {
  using rig = createRig({
    ...pipeline('  a: { run: cat in.txt > a.txt; echo moved > in.txt, inputs: [in.txt], outputs: [a.txt] }\n'),
    'in.txt': 'before',
  });
  rig.write({ 'pipelines/p.yaml': `${rig.read('pipelines/p.yaml')}model: a.txt\n` });
  const document = await rig.json(1, 'run', 'p');
  expect(document).toMatchObject({ run: { tainted: true }, model_version: null });
  expect(rig.read('a.txt')).toBe('before');
  expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('run');
});

it('runs two steps at a time, in the order of their data', async () => {
  using rig = createRig(
    pipeline(`  c: { run: cat a.txt b.txt > c.txt, inputs: [a.txt, b.txt], outputs: [c.txt] }
  a: { run: "touch a.here; while [ ! -e b.here ]; do sleep 0.02; done; echo a > a.txt", inputs: [], outputs: [a.txt], timeout: 20s }
  b: { run: "touch b.here; while [ ! -e a.here ]; do sleep 0.02; done; echo b > b.txt", inputs: [], outputs: [b.txt], timeout: 20s }
`),
  );
  const document = await rig.json(0, 'run', 'p');
  expect(document.run.steps.map((one: { name: string }) => one.name).at(-1)).toBe('c');
  expect(rig.read('c.txt')).toBe('a\nb\n');
});

it('hands values over as single words, params as a file, and refit on the PATH', async () => {
  using rig = createRig({
    ...pipeline(
      `  a:
    run: |
      printf '%s\\n' \${{ params.text }} > a.txt
      cat "$REFIT_PARAMS" >> a.txt
      refit --version >> a.txt
    inputs: []
    outputs: [a.txt]
`,
      'params: { text: "it\'s $HOME; two  words", other: 1 }\n',
    ),
  });
  await rig.json(0, 'run', 'p');
  expect(rig.read('a.txt')).toBe(`it's $HOME; two  words\n{"text":"it's $HOME; two  words"}\n0.1.0\n`);
});

it('stops a step at its timeout, with all its child processes', async () => {
  using rig = createRig(pipeline('  a: { run: "sleep 300 & sleep 300", inputs: [], outputs: [], timeout: 300ms }\n'));
  const document = await rig.json(1, 'run', 'p');
  expect(document.run.steps[0].status).toBe('timed-out');
});

it('ends the steps in order on SIGINT, and the next run continues', async () => {
  using rig = createRig({
    ...pipeline('  a: { run: sh s.sh, inputs: [s.sh], outputs: [a.txt] }\n'),
    's.sh': 'echo half > a.txt; echo $$ > child; sleep 60',
  });
  const running = rig.start('run', 'p');
  while (!rig.has('child') || rig.read('child') === '') await new Promise((done) => setImmediate(done));
  running.kill('SIGINT');
  expect((await running.ended).exit).toBe(130);
  expect(isRunning(Number(rig.read('child')))).toBe(false);
  expect(rig.has('a.txt')).toBe(false);
  expect((await rig.json(0, 'runs')).runs[0].status).toBe('cancelled');
  rig.write({ 's.sh': 'echo whole > a.txt' });
  expect((await rig.json(0, 'run', 'p')).run.status).toBe('succeeded');
});
