import { expect, it } from 'vitest';
import type { WorkspacePath } from '../../../src/domain/ids.js';
import { parsePipeline } from '../../../src/pipeline/parse/parse-pipeline.js';

const parse = (steps: string) =>
  parsePipeline('pipelines/p.yaml' as WorkspacePath, `pipeline: p\nparams: { x: 1 }\nsteps:\n${steps}`);
const said = (steps: string) => parse(steps).diagnostics.map(({ at, code }) => `${at.line}:${at.col} ${code}`);

it('combines several keys, names steps independently of their order, and "after" accepts all instances or one', () => {
  const body = (matrix: string) => `  train:
    run: train \${{ matrix.fold }} \${{ matrix.lr }}
    inputs: []
    outputs: ["work/\${{ matrix.fold }}-\${{ matrix.lr }}.json"]
    matrix: ${matrix}
  report: { run: report, inputs: [], after: [train] }
  one: { run: one, inputs: [], after: ["train@fold=2,lr=0.1"] }
  each: { run: each, inputs: [], matrix: { fold: [1, 2] }, after: ["train@fold=\${{ matrix.fold }},lr=1e-7"] }
`;
  const { pipeline, diagnostics } = parse(body('{ fold: [1, 2], lr: [0.1, 0.0000001] }'));
  expect(diagnostics).toEqual([]);
  const names = ['train@fold=1,lr=0.1', 'train@fold=1,lr=1e-7', 'train@fold=2,lr=0.1', 'train@fold=2,lr=1e-7'];
  expect(pipeline?.steps.map((step) => step.name)).toEqual([...names, 'report', 'one', 'each@fold=1', 'each@fold=2']);
  expect(pipeline?.steps[4]?.dependsOn).toEqual(names);
  expect(pipeline?.steps[5]?.dependsOn).toEqual(['train@fold=2,lr=0.1']);
  expect(pipeline?.steps[7]?.dependsOn).toEqual(['train@fold=2,lr=1e-7']);
  const turned = parse(body('{ lr: [0.0000001, 0.1], fold: [2, 1] }')).pipeline;
  expect(
    turned?.steps
      .slice(0, 4)
      .map((step) => step.name as string)
      .sort(),
  ).toEqual(names);
});

it('orders a reader of a glob after every instance', () => {
  const { pipeline } =
    parse(`  train: { run: t, inputs: [], outputs: ["work/m-\${{ matrix.k }}.json"], matrix: { k: [a, b] } }
  join: { run: j, inputs: ["work/m-*.json"] }
`);
  expect(pipeline?.steps[2]?.dependsOn).toEqual(['train@k=a', 'train@k=b']);
});

it('reports each fault of a matrix once, at its place', () => {
  expect(said('  a: { run: "a ${{ matrix.fld }}", inputs: [], matrix: { fold: [1, 2, 3] } }\n')).toEqual([
    '4:13 unknown-value',
  ]);
  expect(said('  a: { run: "a ${{ matrix.fold }}", inputs: [] }\n')).toEqual(['4:13 unknown-value']);
  expect(said('  a: { run: a, inputs: [], outputs: [out], matrix: { fold: [1, 2, 3] } }\n')).toEqual([
    '4:6 two-writers',
  ]);
  expect(said('  a: { run: a, inputs: [], matrix: { fold: [1, "1", a/b] } }\n')).toEqual([
    '4:48 duplicate-value',
    '4:53 wrong-name',
  ]);
  expect(said('  a: { run: a, inputs: [], matrix: { fold: [] } }\n')).toHaveLength(1);
  expect(
    said(
      '  a: { run: a, inputs: [], outputs: ["${{ matrix.a }}${{ matrix.b }}"], matrix: { a: [1, 11], b: [1, 11] } }\n',
    ),
  ).toEqual(['4:38 two-writers']);
});

it('refuses CUDA_VISIBLE_DEVICES in the env of a step with GPUs', () => {
  expect(said('  a: { run: a, inputs: [], env: { CUDA_VISIBLE_DEVICES: "0" }, resources: { gpus: 1 } }\n')).toEqual([
    '4:57 wrong-value',
  ]);
});

it('connects 1,000 steps without comparing each with each', () => {
  const steps = Array.from(
    { length: 1000 },
    (_, i) => `  s${i}: { run: x, inputs: [${i === 0 ? '' : `work/${i - 1}`}], outputs: [work/${i}] }\n`,
  );
  const startedAt = performance.now();
  expect(parse(steps.join('')).pipeline?.steps[999]?.dependsOn).toEqual(['s998']);
  expect(performance.now() - startedAt).toBeLessThan(15_000);
});
