import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRig, type Document, type Rig } from '../support/rig.js';

const pipeline = (trees: number): string => `
pipeline: p
params: { trees: ${trees} }
datasets: { rows: { path: "data/*.csv" } }
steps:
  prepare:
    role: prepare
    run: sh prepare.sh
    inputs: [prepare.sh, lib, "\${{ datasets.rows }}"]
    outputs: [work/rows.csv]
  train:
    role: train
    run: sh train.sh \${{ params.trees }}
    inputs: [train.sh, work/rows.csv]
    outputs: [work/model.txt]
    metrics: work/train.json
model:
  name: m
  path: work/model.txt
  evaluate: { run: "cp score.json \${{ evaluation.path }}", inputs: [score.json] }
  gate: [auc >= 0.6]
  publish: { path: serving/m, keep: 2 }
retrain: weekly
`;

let rig: Rig;

const git = (...args: readonly string[]): void =>
  void execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: rig.root });

beforeEach(() => {
  rig = createRig({
    'pipelines/p.yaml': pipeline(40),
    'prepare.sh': 'mkdir -p work; { head -1 data/a.csv; tail -q -n +2 data/*.csv; } > work/rows.csv\n',
    'train.sh': `{ cat work/rows.csv; echo "$1"; } > work/model.txt\nprintf '{"trees":%s}' "$1" > work/train.json\n`,
    'lib/one.txt': 'one\n',
    'score.json': '{"auc":0.7}',
    'data/a.csv': 'x,y\n1,a\n2,b\n',
    '.gitignore': '.refit\nwork\ndata\nserving\n',
  });
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-qm', 'first');
});
afterEach(() => rig[Symbol.dispose]());

const retrain = () => rig.json(0, 'retrain', 'p', '--force');
const labels = (graph: Document): readonly string[] => graph.nodes.map((node: Document) => node.label);

describe('lineage', () => {
  it('follows links upstream from a version through its run, and downstream from a file', async () => {
    await retrain();
    rig.write({ 'data/b.csv': 'x,y\n3,c\n' });
    await retrain();
    const up = await rig.json(0, 'lineage', 'm@1');
    expect(labels(up)).toEqual(
      expect.arrayContaining(['m@1', 'work/model.txt', 'train', 'work/rows.csv', 'prepare', 'data/a.csv', 'train.sh']),
    );
    expect(labels(up)).not.toContain('data/b.csv');
    const down = await rig.json(0, 'lineage', 'data/a.csv', '--down');
    expect(labels(down)).toEqual(expect.arrayContaining(['m@1', 'm@2']));
    expect(labels(await rig.json(0, 'lineage', 'data/b.csv', '--down'))).not.toContain('m@1');
    const ids = new Set(down.nodes.map((node: Document) => node.id));
    expect(down.edges.every((edge: Document) => ids.has(edge.from) && ids.has(edge.to))).toBe(true);
  });

  it('writes Graphviz and Mermaid, and reports when the graph was truncated', async () => {
    const { run } = await retrain();
    expect((await rig.refit('lineage', run.id, '--mermaid')).stdout).toMatch(/^flowchart LR\n {2}n0\[/);
    const dot = (await rig.refit('lineage', 'm', '--dot')).stdout;
    expect(dot).toMatch(/^digraph lineage \{/);
    expect(dot.match(/->/g)?.length).toBeGreaterThan(5);
    expect((await rig.json(0, 'lineage', 'm', '--limit', '3')).cut).toBe(true);
    expect((await rig.refit('lineage', 'no/such.csv')).exit).toBe(2);
  });
});

describe('diff', () => {
  it('finds nothing between a run and itself', async () => {
    await retrain();
    expect(await rig.json(0, 'diff', 'latest', '@champion')).toMatchObject({ same: true, code: [], data: [] });
  });

  it('shows a code diff, also for uncommitted code that has changed since', async () => {
    await retrain();
    rig.write({
      'train.sh': `${rig.read('train.sh')}# tuned\n`,
      'lib/one.txt': 'two\n',
      'pipelines/p.yaml': pipeline(50),
    });
    rig.write({ 'data/a.csv': 'x,y\n1,a\n9,b\n' });
    await retrain();
    // The workspace now has a third text, so both sides come from git and the stored diff.
    rig.write({ 'train.sh': 'exit 1\n', 'lib/one.txt': 'three\n' });
    const found = await rig.json(0, 'diff', 'm@1', 'm@2');
    expect(found.same).toBe(false);
    const code = Object.fromEntries(found.code.map((one: Document) => [one.name, one.diff]));
    expect(code['train.sh']).toContain('+# tuned');
    expect(code['lib/one.txt']).toEqual(['--- a/lib/one.txt', '+++ b/lib/one.txt', '@@ -1,1 +1,1 @@', '-one', '+two']);
    expect(found.pipeline).toContain('+params: { trees: 50 }');
    expect(found.params).toEqual([{ name: 'trees', before: 40, after: 50 }]);
    expect(found.metrics).toContainEqual({ name: 'trees', before: 40, after: 50 });
    expect(found.context.map((one: Document) => one.name)).toContain('uncommitted_changes');
    const rows = found.data.find((one: Document) => one.path === 'work/rows.csv');
    expect(rows).toMatchObject({ kind: 'output', before: { rows: 2 }, after: { rows: 2 } });
    const x = rows.columns.find((one: Document) => one.column === 'x');
    expect([x.before.max, x.after.max]).toEqual([2, 9]);
    expect(found.data.find((one: Document) => one.path === 'data/a.csv').kind).toBe('dataset');
  });
});

describe('runs --where', () => {
  it('finds by metrics, scores, params, triggers, times and steps', async () => {
    await retrain();
    rig.write({ 'pipelines/p.yaml': pipeline(50) });
    await rig.json(0, 'run', 'p');
    const count = async (where: string): Promise<number> => (await rig.json(0, 'runs', '--where', where)).runs.length;
    for (const [where, expected] of [
      ['metric.trees > 45', 1],
      ['metric.trees >= 40', 2],
      ['metric.auc > 0.65', 2],
      ['metric.auc > 0.75', 0],
      ['param.trees in (40, 60)', 1],
      ['param.trees not in (40, 60)', 1],
      ['trigger = manual', 1],
      ['trigger = forced or param.trees = 50', 2],
      ['step.prepare = skipped', 1],
      ['model = m@2', 1],
      ['metric.nothing is missing', 2],
      ['started > 2999-01-01', 0],
      ["commit contains 'zz'", 0],
      ['branch = main and not tainted = true', 2],
      ["param.trees = 'x' or 1 = 1", -1],
    ] as const)
      if (expected >= 0) expect({ where, count: await count(where) }).toEqual({ where, count: expected });
      else expect((await rig.refit('runs', '--where', where)).stderr).toContain('^');
    const misplaced = await rig.refit('runs', 'metric.auc > 0.65');
    expect(misplaced).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('refit runs --where "metric.auc > 0.65"'),
    });
    expect((await rig.refit('runs', 'nowhere')).stderr).toContain('there is no pipeline "nowhere"');
  });
});

describe('metrics --plot', () => {
  it('plots every metric over the runs, and a single metric as a chart', async () => {
    await retrain();
    rig.write({ 'pipelines/p.yaml': pipeline(50) });
    await rig.json(0, 'run', 'p');
    expect((await rig.refit('metrics', 'p', '--plot')).stdout).toMatch(/trees +▁█ +40 +50/);
    expect((await rig.refit('metrics', 'p', '--plot', '--key', 'trees')).stdout).toMatch(/50 ┤ +.*●\n[^●]*40 ┤●/);
    expect((await rig.refit('metrics', 'p', '--key', 'nothing')).exit).toBe(2);
  });
});
