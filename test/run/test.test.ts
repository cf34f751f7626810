import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRig, type Document } from '../support/rig.js';

/** Every file below a folder with the hash of its bytes, links as they are. */
function fingerprint(root: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    // what is kept there can be computed again, and is no result of anybody
    if (name.startsWith('.refit/cache')) continue;
    const stat = lstatSync(join(root, name));
    found[name] = stat.isSymbolicLink()
      ? `link ${readlinkSync(join(root, name))}`
      : stat.isFile()
        ? `${stat.mode} ${createHash('sha256')
            .update(readFileSync(join(root, name)))
            .digest('hex')}`
        : 'folder';
  }
  return found;
}

const GOOD = {
  'pipelines/p.yaml': `pipeline: p
params: { rows: 1000 }
datasets: { rows: { path: "data/*.csv" } }
steps:
  extract: { run: "head -n \${{ params.rows }} \${{ datasets.rows }} > \${{ outputs.rows }}; echo \${{ params.rows }} >> ran.txt", inputs: ["\${{ datasets.rows }}"], outputs: { rows: work/rows.csv } }
  train: { run: sh steps/train.sh, inputs: [steps, work/rows.csv], outputs: [work/model.txt], metrics: work/train.json, expect: { metrics: { loss: { max: 2 } } } }
model: { path: work/model.txt, publish: { path: serving/p } }
profiles: { test: { params: { rows: 2 } } }
`,
  'steps/train.sh': `. steps/lib.sh
learn > work/model.txt
for i in 1 2 3; do echo "{\\"step\\": $i, \\"loss\\": 1.$((9 - i))}" >> "$REFIT_METRICS"; done
echo "{\\"seconds\\": $(date +%N | sed 's/^0*//')}" > work/train.json`,
  'steps/lib.sh': 'learn() { cat work/rows.csv; }\n',
  'data/one.csv': 'a,b\n1,2\n3,4\n',
};

it('runs the pipeline twice with the test profile in a scratch workspace, and does not change the real one', async () => {
  using rig = createRig(GOOD);
  await rig.json(0, 'run', 'p');
  await rig.json(0, 'promote', 'p@1', '--reason', 'first');
  const before = fingerprint(rig.root);
  const document = await rig.json(0, 'test', 'p');
  expect(fingerprint(rig.root)).toEqual(before);
  expect(document).toMatchObject({
    command: 'test',
    pipeline: 'p',
    profile: 'test',
    verdict: 'pass',
    problems: [],
    repeated: ['extract', 'train'],
    kept: null,
  });
  expect(document.steps.map((one: Document) => `${one.name} ${one.status}`)).toEqual([
    'extract succeeded',
    'train succeeded',
  ]);
  expect(rig.read('ran.txt')).toBe('1000\n');
  expect((await rig.json(0, 'runs')).runs).toHaveLength(1);
});

it('creates no .refit', async () => {
  using rig = createRig(GOOD);
  const before = fingerprint(rig.root);
  await rig.json(0, 'test', 'p');
  expect(fingerprint(rig.root)).toEqual(before);
});

it('names every problem: empty, rising, not finite, out of range, not repeatable', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
steps:
  empty: { run: "true > empty.txt", inputs: [], outputs: [empty.txt] }
  meant: { run: "true > meant.txt", inputs: [], outputs: [meant.txt], expect: { outputs: { meant.txt: { not_empty: false } } } }
  rising: { run: "printf 'step,val_loss,gain\\n1,1,1\\n2,2,2\\n3,3,3\\n' > rising.csv", inputs: [], metrics: rising.csv }
  nan: { run: "echo '{\\"auc\\": NaN}' > nan.json", inputs: [], metrics: nan.json }
  range: { run: "echo '{\\"auc\\": 0.4}' > range.json", inputs: [], metrics: range.json, expect: { metrics: { auc: { min: 0.5 } } } }
  dice: { run: "echo $$ > dice.txt; echo same > same.txt", inputs: [], outputs: { die: dice.txt, same: same.txt } }
  after: { run: "cat dice.txt > after.txt", inputs: [dice.txt], outputs: [after.txt] }
  flaky: { run: "if [ -e work ]; then exit 4; fi; touch work; echo done > flaky.txt", inputs: [], outputs: [flaky.txt] }
  absent: { run: "true", inputs: [], outputs: [absent.txt] }
profiles: { test: {} }
`,
  });
  const document = await rig.json(1, 'test', 'p');
  expect(document.verdict).toBe('fail');
  const said = document.problems.map((one: Document) => `${one.step} ${one.code}`).sort();
  expect(said).toEqual([
    'absent output-missing',
    'dice not-repeatable',
    'empty output-empty',
    'flaky step-exited',
    'nan metrics-invalid',
    'range expectation-failed',
    'rising loss-not-falling',
  ]);
  const of = (step: string): Document => document.problems.find((one: Document) => one.step === step);
  expect(of('dice').output).toBe('dice.txt');
  expect(of('rising')).toMatchObject({ metric: 'val_loss', first: 1, last: 3 });
  expect(of('range')).toMatchObject({ metric: 'auc', value: 0.4, min: 0.5 });
  expect(document.repeated).toContain('meant');
  expect(document.repeated).not.toContain('after');
  const told = await rig.refit('test', 'p');
  expect(told.exit).toBe(1);
  expect(told.stdout).toContain('7 problems');
  expect(told.stderr).toContain('"auc": it is NaN');
  expect(rig.list('.')).toEqual(['pipelines']);
});

it('copies everything if a step does not declare its inputs, and keeps the workspace with --keep', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
steps:
  a: { run: "cat hidden/words.txt > a.txt; echo broken >&2; exit 3", outputs: [a.txt] }
profiles: { test: {} }
`,
    'hidden/words.txt': 'words\n',
    'a.txt': 'last good\n',
  });
  const ended = await rig.refit('test', 'p', '--keep', '--json');
  expect(ended.exit).toBe(1);
  const { kept } = JSON.parse(ended.stdout);
  const log = /read the whole log: (\S+);/.exec(ended.stderr)?.[1] ?? '';
  expect(log.startsWith(kept)).toBe(true);
  expect(rig.read(log)).toBe('broken\n');
  expect(rig.read('a.txt')).toBe('last good\n');
  expect(rig.has(`${kept}/hidden/words.txt`)).toBe(true);
});

it('says which lines are missing where there is no test profile', async () => {
  using rig = createRig({ 'pipelines/p.yaml': 'pipeline: p\nsteps:\n  a: { run: "true", inputs: [] }\n' });
  const ended = await rig.refit('test', 'p');
  expect(ended.exit).toBe(2);
  expect(ended.stderr).toContain('section-missing');
  expect(ended.stderr).toContain('profiles:');
  expect(ended.stderr).toContain('pipelines/p.yaml');
  expect(rig.has('.refit')).toBe(false);
});

it('ends in order when interrupted, and removes its scratch workspace', async () => {
  using rig = createRig(
    {
      'pipelines/p.yaml': `pipeline: p
steps:
  a: { run: "touch $MARK; sleep 60", inputs: [] }
profiles: { test: {} }
`,
    },
    { MARK: join('/tmp', `refit-mark-${process.pid}`) },
  );
  const mark = join('/tmp', `refit-mark-${process.pid}`);
  const running = rig.start('test', 'p');
  while (lstatSync(mark, { throwIfNoEntry: false }) === undefined) await new Promise((done) => setImmediate(done));
  running.kill('SIGINT');
  expect((await running.ended).exit).toBe(130);
  rmSync(mark);
  expect(rig.list('.')).toEqual(['pipelines']);
});
