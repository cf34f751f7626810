import { execFile } from 'node:child_process';
import stringWidth from 'string-width';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isFound } from '../shell/shell-session.js';
import { isInstalled } from '../support/required.js';
import { BIN, createRig, type Rig } from '../support/rig.js';

const NAME = 'monthly-revenue-forecast-for-stores';
const MODEL = 'revenue-of-next-month-by-store-and-region';
const FILES = Array.from({ length: 23 }, (_, i) => `scripts/features/part-${i}.sql`);

/** Words that people write for machines are long; sentences are too. */
const PIPELINE = `pipeline: ${NAME}
description: Forecasts the revenue of the coming month for every store, from three years of receipts and the calendar of holidays.
owner: a-team-with-a-long-name@department.example.org
params: { learning_rate: 0.05, number_of_boosting_rounds: 400, minimum_rows_per_leaf: 20 }
datasets:
  receipts: { path: "data/*.csv", time: at, checks: { columns: { amount: { min: 0, max: 1000 } }, rules: ["amount >= 0 and amount < 1000000"] } }
steps:
  extract_rows_of_all_stores: { run: 'cat \${{ datasets.receipts }} > \${{ outputs.rows }}; echo "rows written for every store of the region" ', inputs: ["\${{ datasets.receipts }}", ${FILES.join(', ')}], outputs: { rows: work/rows.csv } }
  train_gradient_boosting: { run: 'echo \${{ params.learning_rate }} > model.txt; echo "{\\"root_mean_squared_error_of_the_holdout\\": 0.1234}" > metrics.json', inputs: [work/rows.csv], outputs: [model.txt], metrics: metrics.json }
model:
  name: ${MODEL}
  path: model.txt
  evaluate: { run: 'echo "{\\"root_mean_squared_error\\": 12.5, \\"mean_absolute_percentage_error\\": 0.31}" > \${{ evaluation.path }}', inputs: [work/rows.csv] }
  gate: [root_mean_squared_error <= 20, { metric: mean_absolute_percentage_error, max: 0.5 }]
  publish: { path: serving/${MODEL} }
monitor:
  reference: work/rows.csv
  current: { dataset: receipts, window: 28d, prepare: extract_rows_of_all_stores }
retrain:
  when: { any: [{ data_drift: { share: 0.3 } }, { max_age: 30d }] }
`;

const rows = (month: string, factor: number): string =>
  `at,store,amount\n${Array.from({ length: 300 }, (_, i) => `2026-${month}-${String(1 + (i % 28)).padStart(2, '0')}T08:00:00,store-${i % 7},${((i * 37) % 500) * factor}`).join('\n')}\n`;

let rig: Rig;
const VIEWS: string[][] = [];

beforeAll(async () => {
  rig = createRig({
    [`pipelines/${NAME}.yaml`]: PIPELINE,
    'pipelines/wrong.yaml': `pipeline: wrong\nsteps: { a: { run: "echo ${'a long command line '.repeat(12)}", inputs: [], output: [x] } }\n`,
    'data/january.csv': rows('01', 1),
    ...Object.fromEntries(FILES.map((file) => [file, 'SELECT 1;\n'])),
  });
  const now = ['--now', '2026-02-01'];
  await rig.json(0, 'run', NAME, ...now);
  await rig.json(
    0,
    'promote',
    `${MODEL}@1`,
    '--reason',
    'the first version, reviewed by three people of the team',
    ...now,
  );
  rig.write({ 'data/february.csv': rows('02', 1.9), 'scripts/features/part-1.sql': 'SELECT 2;\n' });
  await rig.refit('retrain', NAME, '--now', '2026-03-01');
  await rig.json(0, 'note', `${MODEL}@1`, 'trained on the receipts of January only, before the new stores had opened');
  const [decision] = (await rig.json(0, 'decisions')).decisions;
  const late = ['--now', '2026-03-02'];
  VIEWS.push(
    ['status', ...late],
    ['status', NAME, ...late],
    ['validate'],
    ['validate', 'wrong'],
    ['plan', NAME, ...late],
    ['runs'],
    ['show', 'latest'],
    ['metrics', NAME],
    ['models'],
    ['models', MODEL],
    ['why', 'latest'],
    ['why', `${MODEL}@1`],
    ['why', decision.id],
    ['decisions'],
    ['diff', `${MODEL}@1`, 'latest'],
    ['lineage', `${MODEL}@1`],
    ['impact', 'data/january.csv'],
    ['served', MODEL],
    ['delivery', MODEL, ...late],
    ['check-data', NAME, ...late],
    ['check-drift', NAME, '--exit-zero', ...late],
    ['retrain', NAME, '--dry-run', ...late],
    ['gc'],
    ['verify'],
    ['doctor'],
    ['notify'],
    ['rollback', `${MODEL}@1`, '--reason', 'r'],
    ['show', NAME],
    ['run', 'a-pipeline-with-a-long-name-that-does-not-exist'],
  );
}, 300_000);
afterAll(() => rig[Symbol.dispose]());

const CODES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, 'g');

/**
 * Lines that are wider than the terminal for no good reason. The rule: a line breaks at spaces, so a wider one is a single word (a
 * path, an id, a hash) behind its indent or label, or text that is quoted as it stands (`│`).
 */
function tooWide(text: string, columns: number): readonly string[] {
  return text
    .replaceAll('\r', '')
    .replace(CODES, '')
    .split('\n')
    .filter((line) => stringWidth(line) > columns && !/│/.test(line) && !/^\s*(\S+ {2,})?\S+$/.test(line.trimEnd()));
}

it.each([80, 60, 140])(
  'breaks every view at %i columns, and leaves no word out',
  async (columns) => {
    const env = { ...process.env, NO_COLOR: '1' };
    // The excerpt of a source line is cut around its place, `.refit/tmp` has a name of chance, and time passes between two outputs.
    const words = (text: string): string =>
      text
        .replaceAll(/^.*│.*$/gm, '')
        .replaceAll(/\.refit\/tmp\/\S+/g, '')
        .replaceAll(/\d[\d.]*(?:ms|s|m|h|d)\b/g, '')
        .replaceAll(/\s+/g, '');
    for (const view of VIEWS) {
      const fitted = await output(view, { ...env, COLUMNS: String(columns) });
      expect({ view, wide: tooWide(fitted, columns) }).toEqual({ view, wide: [] });
      if (columns !== 140) continue;
      const whole = await output(view, env);
      expect({ view, lines: words(fitted).length }).toEqual({ view, lines: words(whole).length });
    }
  },
  240_000,
);

it.skipIf(!isInstalled(isFound('script'), 'script'))(
  'takes the width of a real terminal',
  async () => {
    for (const view of [['models'], ['why', `${MODEL}@1`], ['decisions']]) {
      const command = `stty cols 80 rows 24; exec "${process.execPath}" "${BIN}" ${view.join(' ')}`;
      const { COLUMNS: _columns, ...env } = process.env;
      const text = await new Promise<string>((done, failed) => {
        execFile('script', ['-qec', command, '/dev/null'], { cwd: rig.root, env }, (error, stdout) =>
          error === null ? done(stdout) : failed(error),
        );
      });
      expect({ view, wide: tooWide(text, 80) }).toEqual({ view, wide: [] });
      expect(text.split('\n').length).toBeGreaterThan(5);
    }
  },
  60_000,
);

it('breaks no line where the output is no terminal', async () => {
  const text = await output(['models', MODEL], { ...process.env, NO_COLOR: '1', COLUMNS: '' });
  expect(text.split('\n').some((line) => stringWidth(line) > 80)).toBe(true);
});

const output = (args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> =>
  new Promise((done) => {
    execFile(process.execPath, [BIN, ...args], { cwd: rig.root, env }, (_error, stdout, stderr) =>
      done(stdout + stderr),
    );
  });
