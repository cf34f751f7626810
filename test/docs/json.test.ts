import { expect, it } from 'vitest';
import { differencesFromReference } from '../support/json-reference.js';
import { jsonLines, logRows } from '../support/predictions.js';
import { createRig, type Document, type Rig } from '../support/rig.js';

/** Each test starts the program some twenty times. */
const TIMEOUT_MS = 240_000;

/** Names in camelCase, at any depth. */
const camelCased = (value: unknown): readonly string[] =>
  value === null || typeof value !== 'object'
    ? []
    : Object.entries(value).flatMap(([name, inner]) => [
        ...(/[a-z][A-Z]/.test(name) ? [name] : []),
        ...camelCased(inner),
      ]);

/** A command's document, after its fields were compared with the section of docs/reference/json.md. */
const checker =
  (rig: Rig) =>
  async (heading: string, exit: number, ...args: readonly string[]): Promise<Document> => {
    const document = await rig.json(exit, ...args);
    expect({ heading, differences: differencesFromReference(document, heading) }).toEqual({ heading, differences: [] });
    if (heading !== 'export openlineage')
      expect({ heading, names: camelCased(document) }).toEqual({ heading, names: [] });
    return document;
  };

it(
  'documents the fields of runs, decisions, models and lineage',
  async () => {
    using rig = createRig();
    const check = checker(rig);
    await check('init', 0, 'init', '.', '--template', 'node');
    await check('validate', 0, 'validate');
    await check('plan', 0, 'plan', 'hello');
    await check('run (command)', 0, 'run', 'hello');
    await check('promote', 0, 'promote', 'hello@1', '--reason', 'first');
    rig.write({ 'hello/sales/february.csv': rig.read('hello/february.csv') });
    await check('plan', 0, 'plan', 'hello');
    await check('check-data', 0, 'check-data', 'hello');
    await check('check-drift', 0, 'check-drift', 'hello', '--exit-zero');
    await check('profile', 0, 'profile', 'export', 'hello', '-o', 'reference.json');
    const { id } = await check('retrain', 0, 'retrain', 'hello');
    await check('retrain --all', 0, 'retrain', '--all');
    await check('decisions', 0, 'decisions');
    await check('delivery', 0, 'delivery');
    await check('notify', 0, 'notify');
    await check('pause, resume, review', 0, 'review', 'hello', '--reason', 'seen');
    await check('rollback', 0, 'rollback', 'hello', '--reason', 'back');
    await check('status', 0, 'status');
    await check('why, of a version or run', 0, 'why', 'hello@2');
    await check('why, of a decision', 0, 'why', id);
    await check('why, of another file', 0, 'why', 'hello/february.csv');
    await check('runs', 0, 'runs');
    await check('show', 0, 'show', 'latest');
    await check('logs', 0, 'logs', 'latest');
    await check('metrics', 0, 'metrics', 'hello');
    await check('models', 0, 'models');
    await check('served', 0, 'served', 'hello');
    await check('note', 0, 'note', 'hello', 'for the test');
    await check('lineage', 0, 'lineage', 'hello');
    await check('impact', 0, 'impact', 'hello/february.csv');
    await check('diff', 0, 'diff', 'hello@1', 'hello@2');
    await check('compare', 0, 'compare', 'hello@1');
    await check('comment', 0, 'comment', 'hello@1');
    await check('reproduce', 0, 'reproduce', 'hello@2');
    await check('report', 0, 'report', 'hello', '-o', 'report.html');
    await check('report --card', 0, 'report', 'hello@2', '--card');
  },
  TIMEOUT_MS,
);

it(
  'documents the fields of upkeep, remotes and exports',
  async () => {
    using rig = createRig();
    const check = checker(rig);
    await rig.json(0, 'init', '.', '--template', 'node');
    await rig.json(0, 'run', 'hello');
    await rig.json(0, 'promote', 'hello@1', '--reason', 'first');
    await check('verify', 0, 'verify');
    await check('doctor', 0, 'doctor');
    await check('gc', 0, 'gc');
    await check('schedule --print', 0, 'schedule', 'hello', '--print', 'cron');
    // a timer that nobody installed
    await check('schedule --install, --remove', 0, 'schedule', 'hello', '--remove', 'systemd', '--yes');
    await check('push', 0, 'push', './remote');
    await check('pull', 0, 'pull', './remote');
    await check('registry backup', 0, 'registry', 'backup', 'copy.db');
    await check('export prometheus', 0, 'export', 'prometheus');
    await check('export openlineage', 0, 'export', 'openlineage', 'latest');
    await check('export mlflow', 0, 'export', 'mlflow', '-o', 'mlflow');
    await check('check-data --infer', 0, 'check-data', 'hello/february.csv', '--infer');
    rig.write({ 'other/dvc.yaml': 'stages:\n  one: { cmd: echo 1 > out.txt, outs: [out.txt] }\n' });
    await check('import dvc.yaml', 0, 'import', 'other/dvc.yaml');
  },
  TIMEOUT_MS,
);

it(
  'documents the fields of findings, holds, answers and detectors',
  async () => {
    using rig = createRig();
    const check = checker(rig);
    await rig.json(0, 'init', '.', '--template', 'node');
    await rig.json(0, 'run', 'hello');
    await rig.json(0, 'promote', 'hello@1', '--reason', 'first');
    for (const file of rig.list('hello/sales')) rig.remove(`hello/sales/${file}`);
    rig.write({ 'hello/sales/february.csv': rig.read('hello/february.csv').replace('price', 'cost') });
    const { problems } = await check('check-data', 4, 'check-data', 'hello');
    expect(problems.length).toBeGreaterThan(0);
    const { data_bugs } = await check('check-drift', 4, 'check-drift', 'hello');
    expect(data_bugs.length).toBeGreaterThan(0);
    const { decision } = await check('retrain', 4, 'retrain', 'hello');
    expect(decision).toBe('hold');
    const { pipelines } = await check('status', 0, 'status');
    expect(pipelines[0].open_findings.length).toBeGreaterThan(0);
    await check('event', 0, 'event', 'hello', '--from', '2026-01-01', '--until', '2026-01-02', '--name', 'storm');
    await check('resolve', 0, 'resolve', problems[0].id, '--as', 'bug', '--reason', 'no prices');
    rig.write({ 'errors.csv': `wrong\n${'0\n'.repeat(300)}${'1\n'.repeat(100)}` });
    await check('evaluate-detectors', 0, 'evaluate-detectors', 'errors.csv', '--column', 'wrong', '--changes', '300');
  },
  TIMEOUT_MS,
);

it(
  'documents the fields of performance, tests, triggers and approvals',
  async () => {
    using rig = createRig();
    const check = checker(rig);
    const rows = logRows({ days: 56, perDay: 60, lost: (day) => (day < 49 ? 0 : 0.8) });
    rig.write({ 'log.jsonl': jsonLines(rows, true) });
    const columns = ['--time', 'at', '--prediction', 'score', '--label', 'late'];
    const { verdict } = await check('check-performance', 3, 'check-performance', 'log.jsonl', ...columns);
    expect(verdict).toBe('drift');
    await rig.json(0, 'init', '.', '--template', 'node');
    const pipeline = rig
      .read('pipelines/hello.yaml')
      .replace('  gate: [mae <= 40]', '  gate: [mae <= 40]\n  approval: manual')
      .replace('    any:', '    any:\n      - { event: landed }');
    rig.write({ 'pipelines/hello.yaml': `${pipeline}profiles: { test: {} }\n` });
    await check('test', 0, 'test', 'hello');
    await rig.json(0, 'run', 'hello');
    await check('promote', 5, 'promote', 'hello@1', '--reason', 'first');
    await check('approve', 0, 'approve', 'hello@1', '--reason', 'checked');
    rig.write({ 'hello/sales/february.csv': rig.read('hello/february.csv') });
    const { retrain } = await check('trigger', 0, 'trigger', 'hello', '--event', 'landed', '--id', 'february');
    expect(retrain.pending).toBe('approval');
    await check('reject', 0, 'reject', 'hello@2', '--reason', 'not yet');
    await check('decisions', 0, 'decisions');
    await check('status', 0, 'status');
  },
  TIMEOUT_MS,
);

it(
  'names the facts of failures and of mistakes in a file in snake_case',
  async () => {
    using rig = createRig({
      'pipelines/fails.yaml': 'pipeline: fails\nsteps:\n  a: { run: "exit 3", inputs: [], outputs: [a.txt] }\n',
      'pipelines/wrong.yaml': 'pipeline: wrong\nsteps:\n  a: { rum: "true" }\n',
    });
    const check = checker(rig);
    const { run } = await check('run (command)', 1, 'run', 'fails');
    const failure = { code: 'step-exited', step: 'a', exit_code: 3, log_path: run.steps[0].log, tail: [] };
    expect(run.steps[0].failure).toEqual(failure);
    expect((await check('show', 0, 'show', 'latest')).run.steps[0].failure).toEqual(failure);
    const { files } = await check('validate', 2, 'validate');
    const diagnostics = files.flatMap((file: Document) => file.diagnostics);
    expect(diagnostics).toContainEqual(
      expect.objectContaining({
        at: { file: 'pipelines/wrong.yaml', line: 3, col: 8, end_col: 11 },
        source_line: '  a: { rum: "true" }',
      }),
    );
  },
  TIMEOUT_MS,
);
