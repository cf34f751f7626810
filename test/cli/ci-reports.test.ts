import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jsonLines, logRows } from '../support/predictions.js';
import { createRig, type Rig } from '../support/rig.js';
import { hasReader, type JUnitCase, readJUnit } from './junit.js';

/** A job of GitHub Actions whose files lie in the workspace. */
function jobRig(files: Readonly<Record<string, string>>): Rig {
  const env: Record<string, string> = { GITHUB_ACTIONS: 'true' };
  const rig = createRig({ 'summary.md': '', 'outputs.txt': '', ...files }, env);
  env.GITHUB_WORKSPACE = rig.root;
  env.GITHUB_STEP_SUMMARY = join(rig.root, 'summary.md');
  env.GITHUB_OUTPUT = join(rig.root, 'outputs.txt');
  return rig;
}

const DAY_ROWS = (prices: (i: number) => string): string =>
  `at,price\n${Array.from({ length: 300 }, (_, i) => `2026-01-${String(1 + (i % 28)).padStart(2, '0')},${prices(i)}`).join('\n')}\n`;

const pipeline = (gate = 'auc >= 0.5', name = 'p'): string => `pipeline: ${name}
datasets:
  rows:
    path: "data/*.csv"
    time: at
    checks: { columns: { price: { min: 0, max: 100 } } }
steps:
  train: { run: 'cat data/*.csv > ${name}.txt', inputs: ["\${{ datasets.rows }}"], outputs: [${name}.txt] }
model:
  name: ${name}
  path: ${name}.txt
  evaluate: { run: 'cp score.json \${{ evaluation.path }}', inputs: [score.json] }
  gate:
    - ${gate}
monitor: { reference: ${name}.txt, current: { dataset: rows } }
retrain: { when: { any: [{ new_data: { dataset: rows, rows: 1 } }] } }
`;

const GOOD = { 'score.json': '{"auc":0.7}', 'data/a.csv': DAY_ROWS((i) => String(i % 90)) };
const NOW = ['--now', '2026-02-01'];

describe('annotations and the summary of a job', () => {
  it('of a hold name the dataset of the finding', async () => {
    using rig = jobRig({ 'pipelines/p.yaml': pipeline(), ...GOOD, 'data/a.csv': DAY_ROWS((i) => String(i - 250)) });
    const { exit, stderr } = await rig.refit('retrain', 'p', ...NOW);
    expect(exit).toBe(4);
    expect(stderr).toMatch(
      /^::error file=pipelines\/p\.yaml,line=4,title=p%3A data%3A rows price out-of-range::.*answer it: refit resolve f-/m,
    );
    expect(stderr).toMatch(/^::error file=pipelines\/p\.yaml,line=\d+,title=p%3A retrain%3A decision::hold/m);
    expect(rig.read('summary.md')).toContain('### refit retrain\n');
    expect(rig.read('outputs.txt')).toContain('decision=hold\n');
  });

  it('of a data bug that check-data and check-drift find', async () => {
    using rig = jobRig({ 'pipelines/p.yaml': pipeline(), ...GOOD });
    await rig.json(0, 'run', 'p', ...NOW);
    rig.write({ 'data/a.csv': DAY_ROWS((i) => String((i % 90) * 1000)) });
    const data = await rig.refit('check-data', 'p', ...NOW);
    expect(data.exit).toBe(4);
    expect(data.stderr).toMatch(
      /^::error file=pipelines\/p\.yaml,line=4,title=p%3A data%3A rows price out-of-range::/m,
    );
    const drift = await rig.refit('check-drift', 'p', ...NOW);
    expect(drift.exit).toBe(4);
    expect(drift.stderr).toMatch(/^::error file=pipelines\/p\.yaml,line=4,title=p%3A drift%3A .*price/m);
    expect(rig.read('summary.md')).toMatch(/### refit check-data\n[\s\S]*### refit check-drift\n/);
  });

  it('of a refusal name the line of the check; a run, which publishes nothing, is warned', async () => {
    using rig = jobRig({ 'pipelines/p.yaml': pipeline('auc >= 0.9'), ...GOOD });
    const ran = await rig.refit('run', 'p', ...NOW);
    expect(ran.exit).toBe(0);
    const line = pipeline().split('\n').indexOf('    - auc >= 0.5') + 1;
    expect(ran.stderr).toContain(
      `::warning file=pipelines/p.yaml,line=${line},title=p%3A gate%3A auc >= 0.9::it is 0.7\n`,
    );
    const refused = await rig.refit('retrain', 'p', '--force', ...NOW);
    expect(refused.exit).toBe(5);
    expect(refused.stderr).toContain(
      `::error file=pipelines/p.yaml,line=${line},title=p%3A gate%3A auc >= 0.9::it is 0.7\n`,
    );
    expect(rig.read('summary.md')).toContain('| auc &gt;= 0.9 | fail |');
    expect(rig.read('outputs.txt')).toContain('gate=fail\n');
  });

  it('of a pipeline file that validate refuses have every line, once', async () => {
    using rig = jobRig({
      'pipelines/p.yaml': pipeline().replace('outputs', 'outptus').replace('steps:', 'stesp:'),
      ...GOOD,
    });
    const { exit, stderr } = await rig.refit('validate');
    expect(exit).toBe(2);
    expect(stderr.match(/^::error file=pipelines\/p\.yaml,line=\d+,col=\d+/gm)?.length).toBe(
      new Set(stderr.match(/^::error file=.*$/gm)).size,
    );
    expect(rig.read('summary.md')).toMatch(
      /\*\*invalid-pipeline\*\*[\s\S]*- `pipelines\/p\.yaml:\d+:\d+` unknown-key: /,
    );
  });

  it('of retrain --all list the pipelines by what became of them', async () => {
    using rig = jobRig({
      'pipelines/p.yaml': pipeline(),
      'pipelines/q.yaml': pipeline('auc >= 0.9', 'q'),
      'pipelines/bad.yaml': 'pipeline: bad\nretrain: weekly\n',
      ...GOOD,
    });
    await rig.refit('retrain', '--all', ...NOW);
    expect(rig.read('outputs.txt')).toBe(
      [
        'retrained=["p","q"]',
        'published=["p"]',
        'pending=[]',
        'refused=["q"]',
        'held=[]',
        'paused=[]',
        'failed=["bad"]',
        '',
      ].join('\n'),
    );
  });

  it('are no more than GitHub shows, and say how many are left', async () => {
    const gate = Array.from({ length: 14 }, (_, i) => `auc >= 0.9${i}`).join('\n    - ');
    using rig = jobRig({ 'pipelines/p.yaml': pipeline(gate), ...GOOD });
    const { stderr } = await rig.refit('run', 'p', ...NOW);
    expect(stderr.match(/^::warning /gm)).toHaveLength(10);
    expect(stderr).toContain('::warning title=refit::5 more checks failed');
  });
});

const HOSTILE = ']]><x a="1">&\u0007\u001b[31m\ud800 \ufffe😀';

describe.skipIf(!hasReader)('JUnit', () => {
  const junit = async (rig: Rig, ...args: readonly string[]): Promise<readonly JUnitCase[]> => {
    rig.remove('j.xml');
    await rig.refit(...args, '--junit', 'j.xml');
    const { faults, cases } = readJUnit(rig.read('j.xml'));
    expect({ args, faults }).toEqual({ args, faults: [] });
    return cases;
  };

  it('has the findings of check-data, with hostile names as text', async () => {
    using rig = createRig({ 'a.csv': `"x${HOSTILE.replaceAll('"', '""')}",y\n${'1,2\n'.repeat(20)}1,\n` });
    rig.write({ 'schema.yaml': 'columns: { y: { min: 5 }, "a]]><b>&": {} }\n' });
    const cases = await junit(rig, 'check-data', 'a.csv', '--schema', 'schema.yaml');
    expect(cases).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ suite: 'files: data', name: 'rows', outcome: 'pass' }),
        expect.objectContaining({ name: 'a]]><b>& missing-column', outcome: 'failure' }),
        expect.objectContaining({ name: 'y out-of-range', outcome: 'failure' }),
      ]),
    );
  });

  it('has columns of check-drift, segments and the metric of check-performance', async () => {
    using rig = createRig();
    const rows = (from: number) =>
      `"${HOSTILE.replaceAll('"', '""')}",steady\n${Array.from({ length: 300 }, (_, i) => `${from + (i % 50)},${i % 7}`).join('\n')}\n`;
    rig.write({ 'a.csv': rows(0), 'b.csv': rows(20) });
    const drift = await junit(rig, 'check-drift', '--reference', 'a.csv', '--current', 'b.csv');
    expect(drift.find(({ name }) => name === 'column steady')).toMatchObject({
      suite: 'files: drift',
      outcome: 'pass',
    });
    expect(drift.filter(({ name }) => name.includes(']]><x a="1">&\\x07\\x1b[31m'))[0]).toMatchObject({
      outcome: 'failure',
    });
    rig.write({ 'log.jsonl': jsonLines(logRows({ days: 56, perDay: 60, lost: (day) => (day < 49 ? 0 : 0.8) }), true) });
    const columns = ['--time', 'at', '--prediction', 'score', '--label', 'late'];
    expect(await junit(rig, 'check-performance', 'log.jsonl', ...columns)).toEqual([
      expect.objectContaining({ suite: 'files: performance', outcome: 'failure' }),
    ]);
  });

  it('has steps and gate of run and retrain, mistakes of validate, and what ended a command', async () => {
    using rig = createRig({ 'pipelines/p.yaml': pipeline('auc >= 0.9'), ...GOOD });
    const run = await junit(rig, 'run', 'p', ...NOW);
    expect(run).toEqual([
      { suite: 'p: steps', name: 'train', outcome: 'pass', message: '' },
      { suite: 'p: gate', name: 'auc >= 0.9', outcome: 'failure', message: 'it is 0.7' },
    ]);
    const retrain = await junit(rig, 'retrain', '--all', '--force', ...NOW);
    expect(retrain.map(({ suite, outcome }) => `${suite} ${outcome}`)).toEqual(
      expect.arrayContaining(['p: retrain pass', 'p: gate failure']),
    );
    rig.write({ 'pipelines/p.yaml': pipeline().replace('cat data', `echo ]]>; exit 3; cat data`) });
    const failed = await junit(rig, 'run', 'p', ...NOW);
    expect(failed).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ suite: 'p: steps', name: 'train', outcome: 'failure' }),
        expect.objectContaining({ suite: 'run: errors', name: 'step-exited train', outcome: 'error' }),
      ]),
    );
    rig.write({ 'pipelines/p.yaml': pipeline().replace('steps:', '"<st&ps>]]>":') });
    const validate = await junit(rig, 'validate');
    expect(validate.filter(({ outcome }) => outcome === 'failure').length).toBeGreaterThan(0);
    const absent = await junit(rig, 'run', 'ab<se&nt');
    expect(absent).toEqual([
      expect.objectContaining({ suite: 'run: errors', outcome: 'error', name: 'pipeline-not-found' }),
    ]);
  });
});

describe('dotenv', () => {
  it('has the values of the answer in the form that GitLab takes', async () => {
    using rig = createRig({ 'pipelines/p.yaml': pipeline('auc >= 0.9'), ...GOOD });
    const { stdout } = await rig.refit('run', 'p', '--dotenv', 'r.env', ...NOW, '--json');
    const { run } = JSON.parse(stdout);
    expect(rig.read('r.env')).toBe(`REFIT_RUN=${run.id}\nREFIT_MODEL_VERSION=p@1\nREFIT_GATE=fail\n`);
    await rig.refit('retrain', '--all', '--dotenv', 'r.env', ...NOW);
    for (const line of rig.read('r.env').trimEnd().split('\n')) expect(line).toMatch(/^REFIT_[A-Z_]+=[^$\n]*$/);
  });

  it('says which file could not be written, and keeps a worse exit code', async () => {
    using rig = createRig({ 'pipelines/p.yaml': pipeline(), ...GOOD });
    const { exit, stderr } = await rig.refit('validate', '--junit', 'pipelines');
    expect({ exit, stderr }).toEqual({
      exit: 1,
      stderr: expect.stringContaining('pipelines cannot be written: it is a folder'),
    });
    rig.write({ 'pipelines/p.yaml': 'pipeline: p\n' });
    expect((await rig.refit('validate', '--dotenv', 'no/such/folder/r.env')).exit).toBe(2);
  });

  it('never writes into the registry or the repository, and writes the other file all the same', async () => {
    using rig = createRig({ 'pipelines/p.yaml': pipeline(), ...GOOD, '.git/HEAD': 'ref: refs/heads/main\n' });
    await rig.json(0, 'run', 'p', ...NOW);
    symlinkSync('.refit/registry.db', join(rig.root, 'link.xml'));
    const places = [
      ['.refit/registry.db', '.refit'],
      ['link.xml', '.refit'],
      ['.git/HEAD', '.git'],
    ] as const;
    for (const [place, folder] of places) {
      const { exit, stderr } = await rig.refit('validate', '--junit', place, '--dotenv', 'r.env');
      expect({ exit, stderr }).toEqual({ exit: 1, stderr: expect.stringContaining(`it lies in ${folder}`) });
      expect(rig.read('r.env')).toBe('REFIT_VALID=true\n');
    }
    expect((await rig.refit('report', 'p', '--md', '-o', '.refit/registry.db')).stderr).toContain('it lies in .refit');
    expect((await rig.refit('status')).exit).toBe(0);
  });

  it('names a path that is too long', async () => {
    using rig = createRig({ 'pipelines/p.yaml': pipeline(), ...GOOD });
    const { exit, stderr } = await rig.refit('validate', '--junit', 'x'.repeat(300));
    expect({ exit, stderr }).toEqual({ exit: 1, stderr: expect.stringContaining('file-un') });
  });
});
