import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BIN, type Document } from '../support/rig.js';

const PROJECT = resolve(import.meta.dirname, '../..');
const root = mkdtempSync(join(tmpdir(), 'refit-why-'));

/** Questions about a model that a lineage system must answer, and the fields of `why --json` that answer them. */
const QUESTIONS: readonly (readonly [question: string, fields: readonly string[]])[] = [
  [
    'Which pipeline and component versions trained this model?',
    ['run.pipeline', 'run.definition_hash', 'run.code.commit', 'components[].code[].hash', 'components[].command'],
  ],
  ['What data was extracted, which bytes?', ['data[].dataset', 'data[].path', 'data[].hash', 'data[].size']],
  [
    'How was it validated?',
    ['validation.steps[].metrics', 'validation.statistics[].rows', 'validation.statistics[].columns'],
  ],
  ['How prepared; which intermediate files?', ['preparation[].step', 'preparation[].path', 'preparation[].hash']],
  ['Training configuration and arguments?', ['run.params', 'training[].command', 'training[].params']],
  [
    'Environment (packages, image, hardware)?',
    ['run.environment.tools', 'run.environment.platform', 'run.environment.hardware.cpus', 'run.environment.packages'],
  ],
  [
    'Evaluated how, train + test, per segment?',
    ['training[].metrics', 'evaluation.metrics', 'evaluation.slices', 'evaluation.data_hash'],
  ],
  [
    'Against which comparator, and by what margin did it pass?',
    ['rival.version', 'rival.metrics', 'gate.verdict', 'gate.checks[].detail'],
  ],
  ['Who executed it?', ['run.actor', 'run.environment.host']],
  [
    'What triggered it, with the measured value?',
    ['run.trigger.kind', 'run.trigger.measured', 'run.trigger.threshold', 'decision.id', 'decision.because'],
  ],
  [
    'What served before, what serves now, what served when?',
    ['serving.before', 'serving.now', 'serving.periods[].since', 'served[]'],
  ],
  ['Why was it promoted, by whom?', ['promotion.reason', 'promotion.actor', 'promotion.at']],
  [
    'How long from commit to serving; deploy frequency; rollback rate; time to restore?',
    [
      'commit_to_serving_ms',
      'delivery.commit_to_serving_ms',
      'delivery.deployments_per_30_days',
      'delivery.rollback_rate',
      'delivery.time_to_restore_ms',
    ],
  ],
  ['Which models share its data?', ['shared_data[]']],
  ['Can I rebuild it?', ['rebuild.command', 'rebuild.possible', 'rebuild.inputs[].from']],
  ['Is every stored byte still what was recorded?', ['integrity.whole', 'integrity.objects']],
];

/** All values at a path; `[]` stands for each entry of a list. */
function valuesAt(document: Document, path: string): readonly unknown[] {
  return path.split('.').reduce<readonly Document[]>(
    (values, key) => {
      const name = key.replace('[]', '');
      const next = values.map((value) => value?.[name]);
      return key.endsWith('[]') ? next.flatMap((list) => (Array.isArray(list) ? list : [])) : next;
    },
    [document],
  );
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (typeof value === 'number' && Number.isNaN(value)) ||
  (typeof value === 'object' && Object.keys(value).length === 0);

async function run(file: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [file, ...args], {
    cwd: root,
    maxBuffer: 1 << 26,
    env: { ...process.env, NO_COLOR: '1' },
  });
  return stdout;
}

const json = async (...args: readonly string[]): Promise<Document> => JSON.parse(await run(BIN, ...args, '--json'));

const git = (...args: readonly string[]): void =>
  void execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: root });

/** Two months of flights, one version each, and a rollback that was undone. */
beforeAll(async () => {
  cpSync(join(PROJECT, 'pipelines/flights.yaml'), join(root, 'pipelines/flights.yaml'));
  cpSync(join(PROJECT, 'pipelines/flights'), join(root, 'pipelines/flights'), { recursive: true });
  cpSync(join(PROJECT, 'package-lock.json'), join(root, 'package-lock.json'));
  symlinkSync(join(PROJECT, 'node_modules'), join(root, 'node_modules'));
  writeFileSync(join(root, '.gitignore'), '.refit\ndata\nwork\nserving\nnode_modules\n');
  git('init', '-q');
  git('add', '-A');
  git('commit', '-qm', 'first');
  for (const [month, now] of [
    ['2001-01', '2001-02-01'],
    ['2001-02', '2001-03-01'],
  ] as const) {
    await run('pipelines/flights/land.js', month);
    await json('retrain', 'flights', '--now', now);
  }
  await json('rollback', 'flights-delay', '--reason', 'trial');
  await json('promote', 'flights-delay@2', '--reason', 'better after all');
}, 300_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('why, of the flights champion', () => {
  it.each(QUESTIONS)('answers: %s', async (_question, fields) => {
    const why = await json('why', 'flights-delay@champion');
    expect(why.version).toMatchObject({ version: 2, champion: true });
    for (const field of fields) {
      const values = valuesAt(why, field);
      expect(values.length, field).toBeGreaterThan(0);
      expect(
        values.some((value) => !isEmpty(value)),
        field,
      ).toBe(true);
    }
  });

  it('fits one screen and ends with the time from commit to serving', async () => {
    const screen = (await run(BIN, 'why', 'flights-delay')).trimEnd().split('\n');
    expect(screen.at(-1)).toMatch(/commit → serving: \d/);
    expect(screen.length).toBeLessThan(80);
  });

  it('can be reproduced with identical bytes and metrics', async () => {
    const made = await json('reproduce', 'flights-delay@champion');
    expect(made.verdict).toBe('same');
    expect(made.steps.length).toBe(4);
  });

  it('contains the facts of the model card', async () => {
    const { card } = await json('report', 'flights', '--card');
    expect(card).toMatch(/^# flights-delay, version 2\n/);
    for (const words of [
      '## Intended use',
      'A plane has just left',
      'flights-team@example.org',
      'data/flights/2001-02.parquet',
      '| auc |',
      'By origin, the largest 20',
      'gate: pass',
      'better after all',
    ])
      expect(card).toContain(words);
  });
});
