import { utimesSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createRig } from '../support/rig.js';

/** The evaluation of the second version waits until the one of the first, which runs beside it, has ended. */
const EVALUATE = `
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
const [model, out] = process.argv.slice(2);
const text = readFileSync(model, 'utf8');
const write = () => writeFileSync(out, JSON.stringify({ auc: 0.9 }));
if (text.startsWith('first')) {
  write();
  writeFileSync('first.done', String(process.ppid));
} else {
  const isLeft = () => existsSync('first.done') && existsSync('second.wanted');
  const timer = setInterval(() => {
    if (!isLeft()) return;
    clearInterval(timer);
    setTimeout(write, 500);
  }, 20);
}
`;

it('ends only what an evaluation started itself, not the evaluation of another version beside it', async () => {
  using rig = createRig({
    'evaluate.mjs': EVALUATE,
    'word.txt': 'first',
    'pipelines/p.yaml': JSON.stringify({
      pipeline: 'p',
      steps: { train: { run: 'cp word.txt m.txt', inputs: ['word.txt'], outputs: ['m.txt'] } },
      model: {
        path: 'm.txt',
        evaluate: {
          run: 'node evaluate.mjs ${{ model.path }} ${{ evaluation.path }}',
          inputs: ['evaluate.mjs', 'word.txt'],
        },
        gate: [{ metric: 'auc', against: 'champion', max_regression: 0.1 }],
        first: 'accept',
      },
    }),
  });
  await rig.refit('run', 'p');
  await rig.refit('promote', 'p@1', '--reason', 'first');
  rig.remove('first.done');
  rig.write({ 'word.txt': 'second', 'second.wanted': '' });
  await rig.json(0, 'run', 'p');
  expect((await rig.json(0, 'why', 'p@2')).evaluation.metrics).toEqual({ auc: 0.9 });
});

/** Writes its table to one path for all versions, and ends only after every evaluation beside it has written there. */
const SHARING = `
import { readFileSync, statSync, writeFileSync } from 'node:fs';
const [model, out] = process.argv.slice(2);
const error = Number(readFileSync(model, 'utf8'));
const rows = Array.from({ length: 200 }, (_, i) => [i, i % 7, (i % 7) + error + (i % 2) / 10].join());
const mae = rows.reduce((sum, _, i) => sum + error + (i % 2) / 10, 0) / rows.length;
if (error < 8) writeFileSync('shared.csv', ['id,label,prediction', ...rows].join('\\n'));
setTimeout(() => writeFileSync(out, JSON.stringify({ mae, predictions: 'shared.csv' })), 300);
`;

const sharing = {
  'evaluate.mjs': SHARING,
  'word.txt': '1',
  'pipelines/p.yaml': JSON.stringify({
    pipeline: 'p',
    steps: { train: { run: 'cp word.txt m.txt', inputs: ['word.txt'], outputs: ['m.txt'] } },
    model: {
      path: 'm.txt',
      evaluate: {
        run: 'node evaluate.mjs ${{ model.path }} ${{ evaluation.path }}',
        inputs: ['evaluate.mjs'],
      },
      gate: [
        { metric: 'mae', max: 9 },
        { metric: 'mae', against: 'champion', max_regression: 0.1, confidence: 0.95 },
      ],
    },
  }),
};

it('compares each version with its own predictions where all of them write one table in the workspace', async () => {
  using rig = createRig(sharing);
  await rig.json(0, 'run', 'p');
  await rig.json(0, 'promote', 'p@1', '--reason', 'first');
  for (const [i, word] of ['3', '0.5'].entries()) {
    rig.write({ 'word.txt': word });
    const { gate } = await rig.json(0, 'run', 'p');
    expect(gate.verdict).toBe(i === 0 ? 'fail' : 'pass');
    const tables = rig.query(`SELECT DISTINCT predictions FROM evaluation WHERE version IN (1, ${i + 2})`);
    expect(tables).toHaveLength(2);
  }
});

it('refuses a table that another evaluation has left in the workspace', async () => {
  using rig = createRig(sharing);
  await rig.json(0, 'run', 'p');
  rig.write({ 'word.txt': '8' });
  utimesSync(`${rig.root}/shared.csv`, new Date('2026-01-01'), new Date('2026-01-01'));
  const made = await rig.refit('run', 'p');
  expect(made.stderr).toContain('"predictions" names shared.csv, and this evaluation did not write that file');
  expect(made.exit).toBe(1);
});
