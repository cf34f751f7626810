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
  rig.write({ 'refit.yaml': 'store: { inputs: none }\n' });
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

/** Files that land after the first version, beside a change of the file that was there. */
function landLater(count: number): void {
  rig.write(Object.fromEntries(Array.from({ length: count }, (_, i) => [`data/later-${i}.csv`, `${i}\n`])));
  rig.write({ 'data/a.csv': 'changed\n' });
}

it.each([
  ['inside git', true],
  ['outside git', false],
])('makes the first version again, byte for byte, after 200 more files have landed, %s', async (_, isInGit) => {
  if (!isInGit) rig.remove('.git');
  // A glob without a dataset is the same kind: it would find the later files too.
  rig.write({
    'pipelines/p.yaml': PIPELINE.replace(
      'inputs: [train.sh, work/rows.csv]',
      'inputs: [train.sh, work/rows.csv, "data/*.csv"]',
    ),
    'train.sh': `{ cat work/rows.csv data/*.csv; echo "$1 $2"; } > work/model.txt\nprintf '{"trees":%s}' "$1" > work/train.json\n`,
  });
  await rig.json(0, 'run', 'p');
  const first = rig.read('work/model.txt');
  landLater(200);
  await rig.json(0, 'run', 'p');
  expect((await rig.json(0, 'why', 'm@1')).rebuild.possible).toBe(true);
  const made = await rig.json(0, 'reproduce', 'm@1', '--keep');
  expect(made).toMatchObject({ verdict: 'same', lost_inputs: [] });
  expect(rig.read(`${made.kept}/work/model.txt`)).toBe(first);
});

it('says in why which inputs exist only in the workspace, and stores them where refit.yaml says so', async () => {
  rig.write({ 'refit.yaml': 'store: { inputs: none }\n' });
  await rig.json(0, 'run', 'p');
  const onlyHere = async (): Promise<readonly string[]> =>
    (await rig.json(0, 'why', 'm@1')).rebuild.inputs
      .filter((one: Document) => one.only_here)
      .map((one: Document) => one.path);
  expect(await onlyHere()).toEqual(['data/a.csv']);
  expect((await rig.refit('why', 'm@1')).stdout).toMatch(/only here +data\/a\.csv/);
  // Four bytes: the smallest file fits, the next does not.
  rig.write({ 'refit.yaml': 'store: { inputs: 4 }\n', 'data/b.csv': 'a longer one\n' });
  await rig.json(0, 'run', 'p');
  const { rebuild } = await rig.json(0, 'why', 'm@2');
  expect(rebuild.inputs.filter((one: Document) => one.only_here).map((one: Document) => one.path)).toEqual([
    'data/b.csv',
  ]);
  expect(await onlyHere()).toEqual([]);
  rig.write({ 'refit.yaml': 'store: { inputs: a few }\n' });
  const wrong = await rig.refit('run', 'p');
  expect([wrong.exit, wrong.stderr]).toEqual([2, expect.stringContaining('write all, none, or a size')]);
});

it('keeps the stored inputs of kept versions in gc, and removes those of others', async () => {
  await rig.json(0, 'run', 'p');
  rig.write({ 'data/a.csv': 'changed\n' });
  await rig.json(0, 'run', 'p');
  await rig.json(0, 'gc', '--days', '0', '--versions', '5', '--apply');
  expect((await rig.json(0, 'reproduce', 'm@1')).verdict).toBe('same');
  await rig.json(0, 'gc', '--days', '0', '--versions', '1', '--apply');
  const lost = await rig.json(1, 'reproduce', 'm@1');
  expect(lost.lost_inputs.map((one: Document) => one.path)).toEqual(['data/a.csv']);
});

it('takes code from submodules, committed and changed', async () => {
  const sub = { cwd: rig.root };
  const allow = ['-c', 'protocol.file.allow=always', '-c', 'user.name=t', '-c', 'user.email=t@t'];
  git('rm', '-rqf', 'lib');
  execFileSync(
    'sh',
    [
      '-c',
      'mkdir -p .upstream && cd .upstream && git init -q -b main && echo head > head.txt && echo never-declared > more.txt && git add -A && git -c user.name=t -c user.email=t@t commit -qm one',
    ],
    sub,
  );
  execFileSync('git', [...allow, 'submodule', '--quiet', 'add', './.upstream', 'lib'], sub);
  rig.write({
    'train.sh': `{ cat work/rows.csv lib/more.txt; echo "$1 $2"; } > work/model.txt\nprintf '{"trees":%s}' "$1" > work/train.json\n`,
  });
  rig.write({
    'pipelines/p.yaml': PIPELINE.replace('[prepare.sh, lib,', '[prepare.sh, lib/head.txt, lib/more.txt,'),
    '.gitignore': '.refit\nwork\ndata\n.upstream\n',
  });
  git('add', '-A');
  git('commit', '-qm', 'with a submodule');
  await rig.json(0, 'run', 'p');
  rig.write({ 'lib/more.txt': 'tuned, never committed\n' });
  await rig.json(0, 'run', 'p', '--force');
  const first = (await rig.json(0, 'why', 'm@1')).rebuild.inputs.find((one: Document) => one.path === 'lib/more.txt');
  expect(first.from).toBe('git');
  execFileSync(
    'sh',
    ['-c', 'cd lib && echo two > head.txt && git -c user.name=t -c user.email=t@t commit -qam two'],
    sub,
  );
  git('commit', '-qam', 'bump');
  for (const version of ['m@1', 'm@2']) expect((await rig.json(0, 'reproduce', version)).verdict).toBe('same');
});
