import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { isInstalled } from '../support/required.js';
import { BIN, createRig, type Document } from '../support/rig.js';
import { pathsOf, track } from './tracking.js';

const TRAIN = `
const { readFileSync, writeFileSync } = require('node:fs');
const rows = readFileSync('data/rows.csv', 'utf8').trim().split('\\n').slice(1);
const params = process.env.REFIT_PARAMS === undefined ? {} : JSON.parse(readFileSync(process.env.REFIT_PARAMS, 'utf8'));
writeFileSync('model.json', JSON.stringify({ rows: rows.length, trees: process.argv[2], ...params }));
writeFileSync(process.env.REFIT_METRICS, JSON.stringify({ accuracy: 0.8 }));
console.log('trained on ' + rows.length);
`;
const FILES = {
  'train.js': TRAIN,
  'prepare.js': "require('node:fs').cpSync('raw.csv', 'data/rows.csv');\n",
  'raw.csv': 'x\n1\n2\n',
  'data/rows.csv': 'x\n1\n2\n',
};
const hasStrace = isInstalled(spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0, 'strace');

describe.skipIf(!hasStrace)('refit track', () => {
  it('records the command, the files that it opened, its params, metrics and output', async () => {
    using rig = createRig(FILES);
    const tracked = await track(rig, '--param', 'depth=3', '--', 'node', 'train.js', '40');
    expect(tracked.run).toMatchObject({ pipeline: 'tracked', status: 'succeeded', params: { depth: 3 } });
    expect(tracked.run.trigger).toMatchObject({ kind: 'track', detail: 'node train.js 40' });
    expect(pathsOf(tracked.reads)).toEqual(['data/rows.csv', 'train.js']);
    expect(pathsOf(tracked.writes)).toEqual(['model.json']);
    expect(tracked).toMatchObject({ metrics: { accuracy: 0.8 }, untraced: null });
    expect(JSON.parse(rig.read('model.json'))).toEqual({ rows: 2, trees: '40', depth: 3 });
    expect((await rig.refit('logs', 'latest')).stdout).toContain('trained on 2');
    const { nodes } = await rig.json(0, 'lineage', 'model.json');
    expect(nodes.map((node: Document) => node.label)).toEqual(
      expect.arrayContaining(['model.json', 'train', 'data/rows.csv', 'train.js']),
    );
    expect((await rig.json(0, 'runs', '--where', 'trigger = track')).runs).toHaveLength(1);
  });

  it('keeps what was written when it is overwritten later, and repeats the run byte by byte', async () => {
    using rig = createRig(FILES);
    const first = await track(rig, '--', 'node', 'train.js', '40');
    await track(rig, '--', 'node', 'train.js', '80');
    rig.write({ 'data/rows.csv': 'x\n9\n' });
    const repeated = await rig.json(0, 'reproduce', first.run.id);
    expect(repeated).toMatchObject({ verdict: 'same', lost_inputs: [] });
    expect(repeated.steps).toEqual([expect.objectContaining({ step: 'train', result: 'same' })]);
  });

  it('works from a folder below, and keeps the words of the command as they are', async () => {
    using rig = createRig({
      'deep/er/say.js': "require('node:fs').writeFileSync('o.txt', process.argv.slice(2).join('|'))",
    });
    const words = ['a b', '$HOME', '*', "it's", '--json', 'true'];
    const above = await track(rig, '--', 'node', 'deep/er/say.js', ...words);
    expect(pathsOf(above.writes)).toEqual(['o.txt']);
    expect(rig.read('o.txt')).toBe(words.join('|'));
    const below = join(rig.root, 'deep/er');
    const argv = [BIN, 'track', '--json', '--', 'node', 'say.js', ...words];
    const { stdout, stderr } = spawnSync(process.execPath, argv, { cwd: below, encoding: 'utf8' });
    expect(pathsOf(JSON.parse(stdout).writes), stderr).toEqual(['deep/er/o.txt']);
    expect(rig.read('deep/er/o.txt')).toBe(words.join('|'));
  });

  it('records a failure with its exit code and log, and what was read until then', async () => {
    using rig = createRig({ 'bad.js': "require('node:fs').readFileSync('in.txt'); process.exit(3)", 'in.txt': '1' });
    const { exit, stdout, stderr } = await rig.refit('track', '--json', '--', 'node', 'bad.js');
    expect(exit).toBe(1);
    const { run, reads } = JSON.parse(stdout);
    expect(run).toMatchObject({ status: 'failed', steps: [{ name: 'bad', exit_code: 3 }] });
    expect(pathsOf(reads)).toEqual(['bad.js', 'in.txt']);
    expect(stderr).toMatch(/bad\.1\.log; then run again$/m);
  });

  it('says that a file changed while the command ran, because what it read may be other bytes', async () => {
    using rig = createRig({
      'in.txt': '1',
      'slow.sh': 'cat in.txt; : > ready; until [ -e go ]; do sleep 0.05; done',
      '.refit/.keep': '',
    });
    const tracking = rig.start('track', '--json', '--', 'sh', 'slow.sh');
    await vi.waitFor(() => expect(rig.has('ready')).toBe(true), { timeout: 20_000 });
    rig.write({ 'in.txt': '2', go: '' });
    const { exit, stdout, stderr } = await tracking.ended;
    expect(exit).toBe(1);
    expect(JSON.parse(stdout).run).toMatchObject({ status: 'succeeded', tainted: true });
    expect(stderr).toContain('in.txt');
  });

  it('writes a pipeline from recorded commands that runs, makes the same, and is cached', async () => {
    using rig = createRig(FILES);
    const first = await track(rig, '--', 'node', 'prepare.js');
    const second = await track(rig, '--param', 'depth=3', '--', 'node', 'train.js', '40');
    const model = rig.read('model.json');
    const made = await rig.json(0, 'init', '--from', `${second.run.id},${first.run.id}`, '--name', 'shop');
    expect(made).toMatchObject({ pipeline: 'shop', fill_in: [] });
    const text = rig.read('pipelines/shop.yaml');
    expect(text).toContain('run: [node, train.js, "40"]');
    expect(text).toContain('inputs: [train.js, data/rows.csv]');
    expect(text).toContain('outputs: { model: model.json }');
    expect((await rig.refit('validate', 'shop')).exit).toBe(0);
    const { run } = await rig.json(0, 'run', 'shop');
    expect(run.steps.map((step: Document) => step.name).sort()).toEqual(['prepare', 'rows', 'train']);
    expect(rig.read('model.json')).toBe(model);
    const { steps } = await rig.json(0, 'plan', 'shop');
    expect(steps.map((step: Document) => step.action)).toEqual(['skip', 'skip', 'skip']);
  });
});

describe('refit track', () => {
  it('records the command without its files where they are not wanted, and says so', async () => {
    using rig = createRig(FILES);
    const { exit, stdout } = await rig.refit('track', '--no-trace', '--', 'node', 'train.js', '40');
    expect(exit).toBe(0);
    expect(stdout).toContain('the files that it opened are not recorded: --no-trace');
    const made = await rig.json(0, 'init', '--from', 'latest', '--name', 'shop');
    expect(made.fill_in).toContain('the files that train opens were not recorded: add its inputs and outputs');
  });

  it('refuses what it cannot record, and says what to write', async () => {
    using rig = createRig({ ...FILES, 'pipelines/p.yaml': 'pipeline: p\nsteps: { a: { run: "true", inputs: [] } }\n' });
    const cases: [string[], number, RegExp][] = [
      [['track'], 2, /refit track -- /],
      [['track', 'node', 'train.js', '--trees', '1'], 2, /write "--" before the command: refit track -- node/],
      [['track', '--name', 'p', '--', 'true'], 2, /there is a pipeline p/],
      [['track', '--name', '../p', '--', 'true'], 2, /cannot be the name of a pipeline/],
      [['track', '--', 'echo', '${{ now }}'], 2, /there is none here/],
    ];
    for (const [words, exit, said] of cases) {
      const ended = await rig.refit(...words);
      expect(ended.exit, words.join(' ')).toBe(exit);
      expect(ended.stderr).toMatch(said);
    }
    expect((await rig.json(0, 'runs')).runs).toEqual([]);
    await rig.json(0, 'run', 'p');
    const own = await rig.refit('init', '--from', 'latest', '--name', 'q');
    expect(own).toMatchObject({ exit: 2, stderr: expect.stringContaining("trigger = track'") });
    await rig.refit('track', '--no-trace', '--', 'false');
    const failed = await rig.refit('init', '--from', 'latest', '--name', 'q');
    expect(failed).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('what it would have written is not known'),
    });
  });
});
