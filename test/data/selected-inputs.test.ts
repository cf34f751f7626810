import { expect, it } from 'vitest';
import { createRig } from '../support/rig.js';

it('orders a step by a glob over outputs of other steps, files or folders', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
steps:
  all: { run: "cat w/*.txt parts/a/*.csv > all.out", inputs: ["w/*.txt", "parts/**/*.csv"], outputs: [all.out] }
  folds: { matrix: { fold: [1, 2] }, run: "echo \${{ matrix.fold }} > \${{ outputs[0] }}", inputs: [], outputs: ["w/\${{ matrix.fold }}.txt"] }
  parts: { run: "mkdir -p parts/a; echo c > parts/a/c.csv", inputs: [], outputs: [parts/a] }
`,
  });
  expect((await rig.json(0, 'validate', 'p')).valid).toBe(true);
  await rig.json(0, 'run', 'p');
  expect(rig.read('all.out')).toBe('1\n2\nc\n');
});
