import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRig, type Document, type Rig } from '../support/rig.js';

const PIPELINE = `
pipeline: p
params: { trees: 40, name: "a b" }
datasets: { rows: { path: "data/*.csv" } }
steps:
  prepare:
    run: sh prepare.sh
    inputs: [prepare.sh, lib, "\${{ datasets.rows }}"]
    outputs: [work/rows.csv]
  train:
    run: sh train.sh \${{ params.trees }} \${{ params.name }}
    inputs: [train.sh, work/rows.csv]
    outputs: [work/model.txt]
    metrics: work/train.json
model:
  name: m
  path: work/model.txt
  evaluate: { run: "sh score.sh > \${{ evaluation.path }}", inputs: [score.sh] }
  gate: [auc >= 0.6]
`;

let rig: Rig;

const git = (...args: readonly string[]): void =>
  void execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: rig.root });

beforeEach(() => {
  rig = createRig({
    'pipelines/p.yaml': PIPELINE,
    'prepare.sh': 'mkdir -p work; cat lib/head.txt data/*.csv > work/rows.csv\n',
    'train.sh': `{ cat work/rows.csv; echo "$1 $2"; } > work/model.txt\nprintf '{"trees":%s}' "$1" > work/train.json\n`,
    'score.sh': `printf '{"auc":0.7}'\n`,
    'lib/head.txt': 'head\n',
    'data/a.csv': 'one\n',
    '.gitignore': '.refit\nwork\ndata\n',
  });
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-qm', 'first');
});
afterEach(() => rig[Symbol.dispose]());

it('reproduces a version from its commit after code, params and data have changed', async () => {
  await rig.json(0, 'run', 'p', '--param', 'trees=50');
  rig.write({ 'train.sh': 'exit 1\n', 'lib/head.txt': 'other\n', 'pipelines/p.yaml': 'pipeline: p\nsteps: {}\n' });
  rig.write({ 'data/b.csv': 'came later\n' });
  git('add', '-A');
  git('commit', '-qm', 'second');
  const made = await rig.json(0, 'reproduce', 'm@1');
  expect(made).toMatchObject({ verdict: 'same', first_difference: null, scores: [] });
  expect(made.steps.map((one: Document) => one.result)).toEqual(['same', 'same']);
  // The workspace itself is unchanged.
  expect(rig.read('train.sh')).toBe('exit 1\n');
  expect(rig.query('SELECT count(*) AS n FROM run')).toEqual([{ n: 1 }]);
  expect(rig.list('.refit/tmp')).toEqual([]);
});

it('applies uncommitted changes on top of the commit', async () => {
  rig.write({ 'lib/head.txt': 'tuned, never committed\n' });
  await rig.json(0, 'run', 'p');
  git('checkout', '-q', '.');
  expect((await rig.json(0, 'reproduce', 'm@1')).verdict).toBe('same');
});

it('works in a workspace that is a folder of its repository', async () => {
  rig.remove('.git');
  const files = ['pipelines', 'prepare.sh', 'train.sh', 'score.sh', 'lib', 'data', '.gitignore'];
  for (const file of files) {
    execFileSync('mkdir', ['-p', 'ml'], { cwd: rig.root });
    execFileSync('mv', [file, `ml/${file}`], { cwd: rig.root });
  }
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-qm', 'first');
  rig.write({ 'ml/lib/head.txt': 'tuned\n' });
  const inside = (...args: readonly string[]) =>
    JSON.parse(
      execFileSync(process.execPath, [`${process.cwd()}/bin/refit.js`, ...args, '--json'], {
        cwd: `${rig.root}/ml`,
        stdio: ['ignore', 'pipe', 'ignore'],
      }).toString(),
    );
  inside('run', 'p');
  git('checkout', '-q', '.');
  expect(inside('reproduce', 'm@1').verdict).toBe('same');
});

it('names the step and the input when a recorded input has changed', async () => {
  const { run } = await rig.json(0, 'run', 'p');
  const [{ hash }] = rig.query(
    "SELECT hash FROM lineage AS l JOIN artifact AS a ON a.id = l.artifact WHERE path = 'data/a.csv'",
  );
  rig.write({ 'data/a.csv': 'changed\n' });
  const made = await rig.json(1, 'reproduce', run.id);
  expect(made.verdict).toBe('impossible');
  expect(made.first_difference).toEqual({
    step: 'prepare',
    kind: 'input',
    name: 'data/a.csv',
    recorded: hash,
    now: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  rig.remove('data/a.csv');
  expect((await rig.json(1, 'reproduce', 'm@1')).lost_inputs[0].found).toBe(null);
});

it('names the first step whose bytes differ, and not the steps after it', async () => {
  rig.write({ 'prepare.sh': 'mkdir -p work; { cat data/*.csv; date +%N; } > work/rows.csv\n' });
  await rig.json(0, 'run', 'p');
  const made = await rig.json(1, 'reproduce', 'm@1');
  expect(made.verdict).toBe('differs');
  expect(made.first_difference).toMatchObject({ step: 'prepare', kind: 'output', name: 'work/rows.csv' });
  const train = made.steps.find((one: Document) => one.step === 'train');
  // The step differs because its input differs.
  expect(train.deviations[0]).toMatchObject({ kind: 'input', name: 'input:work/rows.csv' });
});

it('compares metrics and scores, and reports a step that fails now', async () => {
  rig.write({ 'score.sh': `printf '{"auc":0.%s}' "7$(date +%N)"\n` });
  await rig.json(0, 'run', 'p');
  const scored = await rig.json(1, 'reproduce', 'm@1');
  expect(scored.scores).toEqual([
    { kind: 'score', name: 'auc', recorded: expect.any(Number), now: expect.any(Number) },
  ]);
  rig.write({ 'train.sh': `test ! -e ${rig.root}/stop || exit 1\n${rig.read('train.sh')}` });
  await rig.json(0, 'run', 'p');
  rig.write({ stop: '' });
  const failed = await rig.json(1, 'reproduce', 'latest');
  expect(failed.first_difference).toMatchObject({ step: 'train', kind: 'failed', name: 'step-exited' });
});

it('uses the current code when git has no commit of the run, and reports it', async () => {
  rig.remove('.git');
  await rig.json(0, 'run', 'p');
  const made = await rig.json(0, 'reproduce', 'm@1', '--keep');
  expect(made.note).toContain('not in git');
  expect(rig.read(`${made.kept}/work/model.txt`)).toBe('head\none\n40 a b\n');
});
