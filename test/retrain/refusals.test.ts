import { expect, it } from 'vitest';
import { createRig, type Document, type Rig } from '../support/rig.js';

const PIPELINE = `pipeline: p
steps:
  train: { run: sh train.sh, inputs: [train.sh, in.txt], outputs: [p.model] }
model:
  path: p.model
  evaluate: { run: "sh evaluate.sh \${{ model.path }} \${{ evaluation.path }}", inputs: [evaluate.sh] }
  gate: [score >= 10, { metric: score, against: champion, direction: higher, max_regression: 1 }]
retrain: { when: { any: [{ command: sh wanted.sh }] } }
`;

const NOTICES = `notifications:
  file: { run: sh notice.sh }
`;

const EVALUATE = `grep -q unreadable "$1" && { echo "Traceback (most recent call last):"; echo "ModuleNotFoundError: No module named 'sklearn.tree.tree'"; exit 1; } >&2
printf '{"score": %s}' "$(head -1 "$1")" > "$2"
`;

const pipeline = (more: Readonly<Record<string, string>> = {}): Rig =>
  createRig({
    'pipelines/p.yaml': PIPELINE.replace('sh wanted.sh }', 'sh wanted.sh, fires: level }'),
    'train.sh': 'cp in.txt p.model',
    'evaluate.sh': EVALUATE,
    'wanted.sh': 'true',
    'in.txt': '20\n',
    ...more,
  });

const day = (n: number): string => new Date(Date.parse('2026-01-01') + n * 86_400_000).toISOString();
const tick = async (rig: Rig, n: number) => {
  const { exit, stdout } = await rig.refit('retrain', 'p', '--now', day(n), '--json');
  return { exit, ...(JSON.parse(stdout) as Document) };
};

it('a model that stays bad for 90 daily ticks is trained three times, and status and one notice name it throughout', {
  timeout: 300_000,
}, async () => {
  using rig = pipeline({ 'refit.yaml': NOTICES, 'notice.sh': 'echo "$REFIT_NOTICE_SUMMARY" >> notices.txt' });
  await rig.json(0, 'retrain', 'p', '--now', day(0));
  const ended: Document[] = [];
  for (let n = 1; n <= 90; n++) {
    // The bytes of the candidate are new each day.
    rig.write({ 'in.txt': `5\n${n}\n` });
    ended.push(await tick(rig, n));
    if (n === 2 || n === 7 || n === 90) await expectNamed(rig, n);
  }
  const trained = ended.flatMap((one, i) => (one.decision === 'retrain' ? [i + 1] : []));
  expect(trained).toEqual([1, 3, 6]);
  expect(ended.slice(0, 7).map((one) => [one.exit, one.decision])).toEqual([
    [5, 'retrain'],
    [0, 'wait'],
    [5, 'retrain'],
    [0, 'wait'],
    [0, 'wait'],
    [5, 'retrain'],
    [1, 'paused'],
  ]);
  expect(ended.slice(7).every((one) => one.exit === 1 && one.decision === 'paused')).toBe(true);
  const notices = rig.read('notices.txt').trim().split('\n');
  expect(
    notices.filter((one) => one.includes('the gate refused the last 3 candidates (score >= 10: it is 5; ')),
  ).toHaveLength(1);
  expect(notices.filter((one) => one.includes('was refused by the gate'))).toHaveLength(3);
  // A person goes on, with a model that is good again.
  rig.write({ 'in.txt': '30\n' });
  await rig.json(0, 'resume', 'p', '--reason', 'new features', '--now', day(90));
  expect(await tick(rig, 91)).toMatchObject({ exit: 0, outcome: 'published' });
  const [{ refused, paused: none }] = (await rig.json(0, 'status', 'p', '--now', day(91))).pipelines;
  expect([refused, none]).toEqual([null, null]);
});

async function expectNamed(rig: Rig, n: number): Promise<void> {
  const shown = (await rig.refit('status', 'p', '--now', day(n))).stdout;
  expect(shown).toMatch(/refused the gate refused p@\d+/);
  expect(shown).toContain('score >= 10: it is 5');
  expect(shown).toContain('other data, code, parameters or gate');
  const [{ refused, paused }] = (await rig.json(0, 'status', 'p', '--now', day(n))).pipelines;
  expect(refused).toMatchObject({ in_a_row: n === 2 ? 1 : 3, pause_after: 3 });
  expect(refused.checks[0]).toEqual({ name: 'score >= 10', detail: 'it is 5' });
  expect(paused === null).toBe(n === 2);
}

it('trains at the next tick when the gate was changed since, or when another reason comes', async () => {
  using rig = pipeline();
  await rig.json(0, 'retrain', 'p', '--now', day(0));
  rig.write({ 'in.txt': '5\n' });
  expect((await tick(rig, 1)).exit).toBe(5);
  expect(await tick(rig, 2)).toMatchObject({ decision: 'wait', because: { of: [{}, { condition: 'back-off' }] } });
  const file = rig.read('pipelines/p.yaml');
  rig.write({
    'pipelines/p.yaml': file.replace('score >= 10', 'score >= 4').replace('max_regression: 1', 'max_regression: 100'),
  });
  expect(await tick(rig, 2)).toMatchObject({ decision: 'retrain', outcome: 'published' });
});

it('trains again for a state that still holds when the pipeline file was changed, and only then', async () => {
  using rig = pipeline({ 'pipelines/p.yaml': PIPELINE });
  await rig.json(0, 'retrain', 'p', '--now', day(0));
  rig.write({ 'in.txt': '5\n' });
  expect((await tick(rig, 1)).exit).toBe(5);
  // A state waits for its `again`, and the same file gives the same answer.
  for (const n of [2, 3, 4]) expect(await tick(rig, n)).toMatchObject({ exit: 0, decision: 'wait' });
  rig.write({ 'pipelines/p.yaml': PIPELINE.replace('max_regression: 1', 'max_regression: 2') });
  expect(await tick(rig, 5)).toMatchObject({ exit: 5, decision: 'retrain' });
  expect(await tick(rig, 6)).toMatchObject({ exit: 0, decision: 'wait' });
  rig.write({
    'pipelines/p.yaml': PIPELINE.replace('score >= 10', 'score >= 4').replace(
      'max_regression: 1',
      'max_regression: 100',
    ),
  });
  expect(await tick(rig, 7)).toMatchObject({ exit: 0, decision: 'retrain', outcome: 'published' });
  expect(await tick(rig, 8)).toMatchObject({ exit: 0, decision: 'wait' });
});

it('says in status what is wrong with the file that evaluate wrote', async () => {
  using rig = pipeline({ 'evaluate.sh': 'printf \'{"score": "20"}\' > "$2"\n' });
  expect((await tick(rig, 0)).exit).toBe(1);
  const [{ failed }] = (await rig.json(0, 'status', 'p', '--now', day(0))).pipelines;
  expect(failed.problem).toContain('the evaluation of p@1 at ${{ evaluation.path }} is invalid: "score"');
});

it('backs off and pauses without a champion too, and after as many refusals as declared', async () => {
  using rig = pipeline({ 'in.txt': '5\n' });
  const file = rig.read('pipelines/p.yaml');
  rig.write({ 'pipelines/p.yaml': file.replace('}] } }', '}] }, pause_after_refusals: 2 }') });
  expect((await tick(rig, 1)).exit).toBe(5);
  expect(await tick(rig, 2)).toMatchObject({ exit: 0, decision: 'wait' });
  rig.write({ 'in.txt': '6\n' });
  expect((await tick(rig, 3)).exit).toBe(5);
  expect(await tick(rig, 4)).toMatchObject({ exit: 1, decision: 'paused', because: { measured: 2, threshold: 2 } });
});

it('keeps the trigger armed when the champion cannot be scored, and shows the traceback and its log', async () => {
  using rig = pipeline({ 'in.txt': '20\nunread\n', 'wanted.sh': 'false' });
  const events = PIPELINE.replace('command: sh wanted.sh', 'event: landed');
  rig.write({ 'pipelines/p.yaml': events });
  await rig.json(0, 'retrain', 'p', '--now', day(0));
  // Since the upgrade of a library the old model cannot be read.
  rig.write({ 'evaluate.sh': EVALUATE.replace('grep -q unreadable', 'grep -q unread'), 'in.txt': '30\n' });
  await rig.json(0, 'trigger', 'p', '--event', 'landed', '--id', 'a', '--no-retrain', '--now', day(1));
  expect(await tick(rig, 1)).toMatchObject({
    exit: 1,
    decision: 'retrain',
    outcome: 'failed',
    gate: { verdict: 'fail' },
  });
  const [{ failed }] = (await rig.json(0, 'status', 'p', '--now', day(1))).pipelines;
  expect(failed).toMatchObject({
    problem: 'step "evaluate of p@1" exited with 1',
    log: expect.stringMatching(/^\.refit\/logs\/.*\/evaluate-p@1\.log$/),
    tail: ['Traceback (most recent call last):', "ModuleNotFoundError: No module named 'sklearn.tree.tree'"],
  });
  const shown = (await rig.refit('status', 'p', '--now', day(1))).stdout;
  expect(shown).toContain("│ ModuleNotFoundError: No module named 'sklearn.tree.tree'");
  expect(shown).toContain(failed.log);
  // The trigger is armed: the next tick tries again, and publishes when the champion can be read again.
  rig.write({ 'evaluate.sh': EVALUATE });
  expect(await tick(rig, 2)).toMatchObject({ exit: 0, decision: 'retrain', outcome: 'published' });
  expect((await rig.json(0, 'status', 'p', '--now', day(2))).pipelines[0].failed).toBeNull();
});

it('counts new data from the last training that was judged, and shows why a training failed', async () => {
  using rig = pipeline({
    'data/1.csv': 'at,x\n2025-12-01,1\n2025-12-02,2\n',
    'pipelines/p.yaml': PIPELINE.replace('command: sh wanted.sh', 'new_data: { dataset: rows, rows: 2 }')
      .replace('steps:', 'datasets: { rows: { path: "data/*.csv", time: at } }\nsteps:')
      .replace('in.txt]', 'in.txt, "${{ datasets.rows }}"]'),
  });
  await rig.json(0, 'retrain', 'p', '--now', day(0));
  rig.write({
    'data/2.csv': 'at,x\n2026-01-01,1\n2026-01-01,2\n',
    'evaluate.sh': 'echo "no such driver" >&2; exit 3\n',
  });
  expect(await tick(rig, 1)).toMatchObject({ exit: 1, outcome: 'failed' });
  const [{ failed }] = (await rig.json(0, 'status', 'p', '--now', day(1))).pipelines;
  expect(failed.tail).toEqual(['no such driver']);
  rig.write({ 'evaluate.sh': EVALUATE, 'in.txt': '25\n' });
  expect(await tick(rig, 2)).toMatchObject({ exit: 0, decision: 'retrain', because: { of: [{ measured: 2 }] } });
});
