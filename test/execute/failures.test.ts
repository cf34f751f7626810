import { closeSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRig, type Document } from '../support/rig.js';
import { STEERED } from '../support/steering.js';

const pipeline = (steps: string, rest = ''): Readonly<Record<string, string>> => ({
  'pipelines/p.yaml': `pipeline: p\n${rest}steps:\n${steps}\n`,
});

const statuses = (document: Document): Readonly<Record<string, string>> =>
  Object.fromEntries(document.run.steps.map((step: Document) => [step.name, step.status]));

const BRANCHES = pipeline(`  a: { run: ${STEERED}, inputs: [], outputs: [a.txt] }
  b: { run: ${STEERED}, inputs: [], outputs: [b.txt] }
  of_a: { run: cp a.txt of_a.txt, inputs: [a.txt], outputs: [of_a.txt] }
  of_b: { run: cp b.txt of_b.txt, inputs: [b.txt], outputs: [of_b.txt] }`);

for (const { mode, args, after } of [
  { mode: 'started steps end, no new one starts', args: [], after: { of_a: 'pending', of_b: 'pending' } },
  { mode: '--keep-going', args: ['--keep-going'], after: { of_a: 'pending', of_b: 'succeeded' } },
])
  it(`a step fails beside an independent branch: ${mode}`, async () => {
    using rig = createRig(BRANCHES);
    const running = rig.start('run', 'p', '--json', '--jobs', '2', ...args);
    const [a, b] = await Promise.all([rig.started('a'), rig.started('b')]);
    await a.exit(3);
    await running.said('failed    a');
    await b.write('b.txt', 'b');
    await b.exit(0);
    const ended = await running.ended;
    expect(ended.exit).toBe(1);
    expect(statuses(JSON.parse(ended.stdout))).toEqual({ a: 'failed', b: 'succeeded', ...after });
    expect(rig.has('of_b.txt')).toBe(after.of_b === 'succeeded');
    expect(rig.has('of_a.txt')).toBe(false);
  });

it('ends running steps with --fail-fast when one fails', async () => {
  using rig = createRig(BRANCHES);
  const running = rig.start('run', 'p', '--json', '--jobs', '2', '--fail-fast');
  const [a] = await Promise.all([rig.started('a'), rig.started('b')]);
  await a.exit(3);
  const ended = await running.ended;
  expect(ended.exit).toBe(1);
  const document = JSON.parse(ended.stdout);
  expect(document.run.status).toBe('failed');
  expect(statuses(document)).toEqual({ a: 'failed', b: 'cancelled', of_a: 'pending', of_b: 'pending' });
  const both = await rig.refit('run', 'p', '--fail-fast', '--keep-going');
  expect(both.exit).toBe(2);
  expect(both.stderr).toContain("'--keep-going' cannot be used with option '--fail-fast'");
});

for (const { fault, step } of [
  { fault: 'it did not make its output', step: '{ run: "true", inputs: [], outputs: [never.txt] }' },
  {
    fault: 'its metrics are not as expected',
    step: `{ run: 'echo "{\\"bad\\": 12}" > m.json', inputs: [], outputs: [], metrics: m.json, expect: { metrics: { bad: { max: 0 } } } }`,
  },
])
  it(`starts no other step after one that exits with 0 and fails, ${fault}`, async () => {
    using rig = createRig(pipeline(`  a: ${step}\n  b: { run: touch b.txt, inputs: [], outputs: [b.txt] }`));
    const document = await rig.json(1, 'run', 'p', '--jobs', '1');
    expect(statuses(document)).toEqual({ a: 'failed', b: 'pending' });
    expect(rig.has('b.txt')).toBe(false);
  });

it('stops a script at its first failing line and does not record success', async () => {
  using rig = createRig(
    pipeline(`  a:
    run: |
      echo 1 >> lines.txt
      false
      echo 3 >> lines.txt
      echo made > a.txt
    inputs: []
    outputs: [a.txt]`),
  );
  const document = await rig.json(1, 'run', 'p');
  expect(document.run.steps[0]).toMatchObject({ status: 'failed', exit_code: 1, attempts: 1 });
  expect(rig.read('lines.txt')).toBe('1\n');
  expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('run');
});

it('fails a step whose declared output or metrics file is missing, and names the file', async () => {
  using rig = createRig(
    pipeline(`  a: { run: touch a.txt, inputs: [], outputs: [a.txt, deep/never.txt] }
  m: { run: touch m.txt, inputs: [], outputs: [m.txt], metrics: m.json }
  of_a: { run: cp a.txt of_a.txt, inputs: [a.txt], outputs: [of_a.txt] }`),
  );
  const ended = await rig.refit('run', 'p', '--keep-going', '--json');
  expect(ended.exit).toBe(1);
  expect(statuses(JSON.parse(ended.stdout))).toEqual({ a: 'failed', m: 'failed', of_a: 'pending' });
  for (const path of ['deep/never.txt', 'm.json']) expect(ended.stderr).toContain(`did not write "${path}"`);
});

it('fails a step that does not meet its expectations, and keeps the previous result', async () => {
  using rig = createRig({
    ...pipeline(`  a:
    run: cp next.json m.json; cp next.json a.txt
    inputs: [next.json]
    outputs: [a.txt]
    metrics: m.json
    expect: { metrics: { loss: { max: 2 } } }`),
    'next.json': '{"loss": 1}',
  });
  await rig.json(0, 'run', 'p');
  for (const [bad, why] of [
    ['{"loss": 3}', 'loss is 3'],
    ['{"gain": 1}', 'loss is missing'],
    ['{"loss": NaN}', 'NaN'],
  ] as const) {
    rig.write({ 'next.json': bad });
    const ended = await rig.refit('run', 'p');
    expect(ended.exit).toBe(1);
    expect(ended.stderr).toContain(why);
    expect([rig.read('a.txt'), rig.read('m.json')]).toEqual(['{"loss": 1}', '{"loss": 1}']);
  }
});

it('fails a step whose output something else rewrites before it is stored, even with the same size', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p\nsteps:\n  a: { run: ${STEERED}, inputs: [], outputs: [a.bin] }\n`,
  });
  const running = rig.start('run', 'p', '--json');
  const a = await rig.started('a');
  writeFileSync(join(rig.root, 'a.bin'), Buffer.alloc(64 << 20, 'a'));
  const file = openSync(join(rig.root, 'a.bin'), 'r+');
  const rewriting = setInterval(() => writeSync(file, 'b', 0), 1);
  await a.exit(0);
  const ended = await running.ended;
  clearInterval(rewriting);
  closeSync(file);
  expect([ended.exit, ended.stderr]).toEqual([
    1,
    expect.stringContaining('"a.bin", an output of step "a", was changed by something else before it was stored'),
  ]);
  expect(rig.query("SELECT count(*) AS n FROM lineage WHERE direction = 'wrote'")).toEqual([{ n: 0 }]);
});

it('records one success, three attempts and three logs of a step that passes on the third attempt', async () => {
  using rig = createRig(
    pipeline(`  a: { run: ${STEERED}, inputs: [], outputs: [a.txt], retries: { count: 2, delay: 10ms } }`),
  );
  const running = rig.start('run', 'p', '--json');
  for (const code of [3, 4]) {
    const attempt = await rig.started('a');
    await attempt.print(`attempt ${attempt.attempt}`);
    await attempt.exit(code);
  }
  const third = await rig.started('a');
  expect(third.attempt).toBe(3);
  await third.write('a.txt', 'made');
  await third.exit(0);
  const { run } = JSON.parse((await running.ended).stdout);
  expect(run).toMatchObject({ status: 'succeeded', steps: [{ status: 'succeeded', attempts: 3, exit_code: 0 }] });
  expect(rig.list(`.refit/logs/${run.id}`)).toEqual(['a.1.log', 'a.2.log', 'a.3.log']);
  expect(rig.read(`.refit/logs/${run.id}/a.2.log`)).toBe('attempt 2\n');
});

it('does not accept files that a failed attempt left as the output of the next', async () => {
  using rig = createRig(
    pipeline(
      '  a: { run: "test $REFIT_ATTEMPT = 2 || { echo half > a.txt; exit 3; }", inputs: [], outputs: [a.txt], retries: { count: 1, delay: 1ms } }',
    ),
  );
  const ended = await rig.refit('run', 'p');
  expect(ended.stderr).toContain('did not write "a.txt"');
  expect(ended.exit).toBe(1);
});

it('keeps the files of other steps in a folder in which a step fails', async () => {
  using rig = createRig({
    ...pipeline(`  a: { run: ${STEERED}, inputs: [], outputs: [out/a.txt] }
  b: { run: ${STEERED}, inputs: [], outputs: [out/b.txt] }`),
    'out/mine.txt': 'mine',
  });
  const running = rig.start('run', 'p', '--jobs', '2');
  const [a, b] = await Promise.all([rig.started('a'), rig.started('b')]);
  await b.write('out/b.txt', 'b');
  await a.write('out/a.txt', 'half');
  await a.exit(1);
  await a.gone;
  await b.exit(0);
  expect((await running.ended).exit).toBe(1);
  expect(rig.list('out')).toEqual(['b.txt', 'mine.txt']);
  expect([rig.read('out/b.txt'), rig.read('out/mine.txt')]).toEqual(['b', 'mine']);
});

const OVERWRITING = (timeout: string): Readonly<Record<string, string>> =>
  pipeline(`  a: { run: sh a.sh, inputs: [a.sh], outputs: [state, other.txt], timeout: ${timeout} }`);

for (const { how, end } of [
  { how: 'exits with 3', end: 'exit 3' },
  { how: 'runs out of time', end: 'sleep 60' },
  { how: 'does not write all of it', end: 'rm other.txt' },
])
  it(`puts back the output of a step that writes over it ${how}`, async () => {
    using rig = createRig({
      ...OVERWRITING('1m'),
      'a.sh': 'mkdir -p state/deep/empty; echo 1 > state/deep/x; echo 1 > other.txt; chmod 755 state/deep/x',
    });
    await rig.json(0, 'run', 'p');
    const before = statSync(join(rig.root, 'state/deep/x'));
    rig.write({ ...OVERWRITING('500ms'), 'a.sh': `mkdir -p state/new; echo 2 > state/x; echo 2 > other.txt; ${end}` });
    await rig.json(1, 'run', 'p');
    expect([rig.list('state'), rig.list('state/deep')]).toEqual([['deep'], ['empty', 'x']]);
    expect([rig.read('state/deep/x'), rig.read('other.txt')]).toEqual(['1\n', '1\n']);
    expect(statSync(join(rig.root, 'state/deep/x'))).toMatchObject({ mode: before.mode, mtimeMs: before.mtimeMs });
  });

for (const { what, key } of [
  { what: 'variable', key: 'env: { HERE: { from: NOT_SET_ANYWHERE } }' },
  { what: 'secret', key: 'secrets: [NOT_SET_ANYWHERE]' },
])
  it(`refuses to start when a ${what} that a later step requires is not set`, async () => {
    using rig = createRig(
      pipeline(`  a: { run: echo a > a.txt, inputs: [], outputs: [a.txt] }
  b: { run: cp a.txt b.txt, inputs: [a.txt], outputs: [b.txt], ${key} }`),
    );
    const ended = await rig.refit('run', 'p');
    expect(ended.stderr).toContain('NOT_SET_ANYWHERE');
    expect(ended.stderr).toContain('"b"');
    expect(ended.exit).toBeGreaterThan(0);
    expect(rig.has('a.txt')).toBe(false);
  });
