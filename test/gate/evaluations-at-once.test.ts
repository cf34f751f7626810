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
