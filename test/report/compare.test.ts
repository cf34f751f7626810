import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRig, type Document, type Rig } from '../support/rig.js';
import { createForgeServer, githubEnv } from './forge-server.js';

/** A regression that predicts each value with an error of `noise`; its predictions allow an interval. */
const SCORE = `import { readFileSync, writeFileSync } from 'node:fs';
const [model, out] = process.argv.slice(2);
const noise = Number(readFileSync(model, 'utf8').split('\\n').at(-2));
const rows = Array.from({ length: 200 }, (_, i) => ({ id: i, label: i % 17, prediction: (i % 17) + noise * Math.sin(i) }));
const mae = rows.reduce((sum, { label, prediction }) => sum + Math.abs(label - prediction), 0) / rows.length;
writeFileSync('predictions.csv', ['id,label,prediction', ...rows.map((row) => Object.values(row).join())].join('\\n'));
writeFileSync(out, JSON.stringify({ mae, own_score: noise * 2, predictions: 'predictions.csv' }));
`;

const pipeline = (noise: number): string => `pipeline: p
params: { noise: ${noise} }
datasets: { rows: { path: "data/*.csv" } }
steps:
  train:
    run: cat data/*.csv > rows.csv; { cat rows.csv; echo \${{ params.noise }}; } > model.txt; echo '{"seen":1}' > train.json
    inputs: ["\${{ datasets.rows }}"]
    outputs: [model.txt, rows.csv]
    metrics: train.json
model:
  name: m
  path: model.txt
  evaluate: { run: "node score.mjs \${{ model.path }} \${{ evaluation.path }}", inputs: [score.mjs] }
  gate: [mae <= 1]
monitor: { reference: rows.csv, current: { dataset: rows } }
`;

const ROWS = (from: number) =>
  `x,y\n${Array.from({ length: 120 }, (_, i) => `${from + (i % 40)},${i % 3}`).join('\n')}\n`;

let rig: Rig;

const git = (...args: readonly string[]): void =>
  void execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: rig.root });

const commit = (message: string): void => git('commit', '-qam', message);

beforeEach(async () => {
  rig = createRig({
    'pipelines/p.yaml': pipeline(2),
    'score.mjs': SCORE,
    'data/a.csv': ROWS(0),
    '.gitignore': '.refit\ndata\n*.csv\nmodel.txt\ntrain.json\n',
  });
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  commit('first');
  await rig.json(0, 'run', 'p');
});
afterEach(() => rig[Symbol.dispose]());

/** A branch with another param and more data, and its run. */
async function branch(noise = 1): Promise<void> {
  git('checkout', '-qb', 'feature');
  rig.write({ 'pipelines/p.yaml': pipeline(noise), 'data/b.csv': ROWS(200) });
  commit('less noise');
  await rig.json(0, 'run', 'p');
}

const metric = ({ pipelines }: Document, name: string): Document =>
  pipelines[0].metrics.find((one: Document) => one.name === name);

it('compares two revisions: scores with intervals, params, data, gate, drift and code', async () => {
  await branch();
  const found = await rig.json(0, 'compare', 'main');
  const [compared] = found.pipelines;
  expect(found).toMatchObject({ base: 'main', pipelines: [{ pipeline: 'p', result: 'compared', of_head: true }] });
  expect(compared).toMatchObject({
    before: { name: 'main', version: 'm@1', commits_back: 0, commit: found.base_commit },
    after: { version: 'm@2', commit: found.head },
    same_test_data: true,
    params: [{ name: 'noise', before: 2, after: 1 }],
    data: [{ path: 'data/b.csv', before: null, after: { rows: null } }],
    gate: { before: { verdict: 'fail' }, after: { verdict: 'pass' } },
    drift: { verdict: 'drift', same_data: false },
    pipeline_file_changed: true,
  });
  expect(compared.drift.drifted).toContain('x');
  const mae = metric(found, 'mae');
  expect(mae).toMatchObject({ meaning: 'better', rows: 200, no_interval_because: null });
  expect(mae.difference).toBeCloseTo(mae.after - mae.before, 12);
  expect(mae.lower).toBeLessThan(mae.difference);
  expect(mae.upper).toBeGreaterThan(mae.difference);
  expect(mae.upper).toBeLessThan(0);
  expect(mae.history).toHaveLength(2);
  expect(metric(found, 'own_score')).toMatchObject({
    meaning: 'differs',
    lower: null,
    no_interval_because: 'it cannot be computed from predictions',
  });
  expect(metric(found, 'seen')).toMatchObject({ meaning: 'same', difference: 0, lower: null });
});

it('shows the same as a table, and as Markdown with charts', async () => {
  await branch();
  const two = await rig.refit('compare', 'main', '--md');
  expect(two.stdout).not.toContain('mermaid');
  await rig.json(0, 'run', 'p', '--force');
  const { stdout } = await rig.refit('compare', 'main');
  expect(stdout).toMatch(/^p: gate pass; 1 metric better, 1 param and 1 input file changed; training data: drift\n/);
  expect(stdout).toMatch(/mae +1\.\d+ +0\.6\d+ +−0\.6\d+ +−\S+ … −\S+ +better +█▁▁/);
  expect(stdout).toContain('the same: seen 1\n');
  expect(stdout).toContain('no interval of own_score: it cannot be computed from predictions');
  const md = await rig.refit('compare', 'main', '--md');
  expect(md.stdout).toContain('# Models, compared with main\n');
  expect(md.stdout).toMatch(/\| mae \| 1\.\d+ \| 0\.6\d+ \| \*\*−0\.6\d+\*\*|\| mae \|/);
  expect(md.stdout).toMatch(
    /```mermaid\nxychart-beta\n {2}title "p: mae"\n {2}x-axis \["\w+", "\w+", "\w+"\]\n {2}y-axis \S+ --> \S+\n {2}line \[[\d.]+, [\d.]+, [\d.]+\]\n```/,
  );
  expect((await rig.refit('compare', 'main', '-o', 'c.md')).stdout).toBe('wrote c.md\n');
  expect(rig.read('c.md')).toBe(md.stdout);
});

it('takes the nearest commit before a revision that has a run, and a run without uncommitted changes first', async () => {
  rig.write({ 'README.md': 'docs\n' });
  git('add', '-A');
  commit('docs');
  await branch();
  expect((await rig.json(0, 'compare', 'main')).pipelines[0].before).toMatchObject({ version: 'm@1', commits_back: 1 });
  expect((await rig.refit('compare', 'main')).stdout).toContain(', 1 commit before main');
  git('checkout', '-q', 'main');
  rig.write({ 'pipelines/p.yaml': pipeline(3) });
  await rig.json(0, 'run', 'p');
  rig.write({ 'pipelines/p.yaml': pipeline(2) });
  const { pipelines } = await rig.json(0, 'compare', 'HEAD~1');
  expect(pipelines[0]).toMatchObject({
    before: { version: 'm@1', dirty: false },
    after: { version: 'm@3', dirty: true },
  });
});

it('compares with a run, a version and a branch of origin', async () => {
  await branch();
  const [, first] = (await rig.json(0, 'runs')).runs;
  for (const base of [first.id, 'm@1'])
    expect((await rig.json(0, 'compare', base, 'p')).pipelines[0]).toMatchObject({
      before: { name: base, version: 'm@1' },
      after: { version: 'm@2' },
    });
  git('update-ref', 'refs/remotes/origin/release', 'main');
  expect((await rig.json(0, 'compare', 'release')).pipelines[0].before).toMatchObject({ version: 'm@1' });
});

it('says what to do where there is nothing to compare', async () => {
  const own = await rig.refit('compare', 'main');
  expect(own).toMatchObject({ exit: 0, stdout: expect.stringContaining('refit run p') });
  for (const name of ['nowhere', '--upload-pack=x', 'main..feature', ':/first', '-'])
    expect({ name, ...(await rig.refit('compare', '--', name)) }).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining(`there is no run, version or git revision "${name}"`),
    });
  git('checkout', '-q', '--orphan', 'fresh');
  commit('unrelated');
  await rig.json(0, 'run', 'p', '--force');
  git('branch', 'empty');
  rig.update(`UPDATE run SET status = 'failed' WHERE status = 'succeeded'`);
  const none = await rig.refit('compare', 'main');
  expect(none).toMatchObject({ exit: 2, stderr: expect.stringContaining('refit pull') });
  const printed = await rig.refit('comment', 'main');
  expect(printed).toMatchObject({ exit: 0, stdout: expect.stringContaining('**p** has no successful run of main') });
  expect((await rig.refit('compare', 'm@1', 'absent')).exit).toBe(2);
});

it('names a shallow clone, and a folder without git', async () => {
  rig.write({ '.git/shallow': `${'0'.repeat(40)}\n` });
  const shallow = await rig.refit('compare', 'release');
  expect(shallow).toMatchObject({ exit: 2, stderr: expect.stringContaining('fetch-depth: 0') });
  rig.remove('.git');
  const { exit, stderr } = await rig.refit('compare', 'main');
  expect(exit).toBe(2);
  expect(stderr).toContain('this folder is in no git repository');
});

it('says that a shallow clone may lack the commit of a run', async () => {
  rig.write({ 'note.md': 'x' });
  git('add', '-A');
  commit('without a run');
  const last = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: rig.root, encoding: 'utf8' });
  rig.write({ '.git/shallow': last });
  const { exit, stderr } = await rig.refit('compare', 'main');
  expect({ exit, stderr }).toEqual({ exit: 2, stderr: expect.stringContaining('this clone is shallow') });
});

it('warns of a name that is a model and a branch, and takes the branch in a job of a pull request', async () => {
  await branch();
  git('branch', 'm', 'main');
  const { stdout, stderr } = await rig.refit('compare', 'm', '--json');
  expect(JSON.parse(stdout).pipelines[0].before).toMatchObject({ version: 'm@2' });
  expect(stderr).toContain('"m" names the version m@2 and a revision of git');
  const exact = await rig.refit('compare', 'm~0', '--json');
  expect(JSON.parse(exact.stdout).pipelines[0].before).toMatchObject({ version: 'm@1' });
  expect(exact.stderr).toBe('');
  using job = createRig({}, { GITHUB_BASE_REF: 'm', GITHUB_TOKEN: undefined, GH_TOKEN: undefined });
  cpSync(rig.root, job.root, { recursive: true });
  const printed = await job.refit('comment');
  expect(printed.stdout).toContain('before **m** m@1');
  expect(printed.stderr).not.toContain('revision of git');
}, 300_000);

it('says in the comment that nothing has run yet', async () => {
  rig.remove('.refit');
  const { exit, stdout } = await rig.refit('comment', 'main');
  expect({ exit, stdout }).toEqual({ exit: 0, stdout: expect.stringContaining('no pipeline has a run yet') });
  expect((await rig.refit('compare', 'main')).exit).toBe(2);
});

it('names what the text of others would do in Markdown, and does none of it', async () => {
  const hostile = '@ann <img src=x> | `a` #12 https://evil.example.org [x](y)';
  rig.write({
    [`data/${hostile.replaceAll('/', '∕')}.csv`]: ROWS(5),
    'pipelines/p.yaml': pipeline(1).replace('{ noise: 1 }', `{ noise: 1, text: '${hostile}' }`),
  });
  await rig.json(0, 'run', 'p');
  const { stdout } = await rig.refit('compare', 'm@1', '--md');
  expect(stdout).toContain(
    '@&#8203;ann &lt;img src=x&gt; \\| \\`a\\` #&#8203;12 https:&#8203;//evil.example.org \\[x\\](y)',
  );
  expect(stdout.split('\n').filter((line) => line.includes('evil') && line.includes('<img'))).toEqual([]);
});

it('comments on a pull request with the comparison', async () => {
  await branch();
  await using forge = await createForgeServer();
  using other = createRig({}, { ...githubEnv(forge), GITHUB_BASE_REF: 'main' });
  cpSync(rig.root, other.root, { recursive: true });
  expect(await other.json(0, 'comment')).toMatchObject({ result: 'created', shortened: false });
  expect(forge.comments[0]?.body).toMatch(/^<!-- refit comment \. -->\n# Models, compared with main\n/);
  await other.json(0, 'run', 'p', '--force');
  expect(await other.json(0, 'comment')).toMatchObject({ result: 'updated' });
  expect(forge.comments).toHaveLength(1);
}, 300_000);
