import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { blocksOf, readPages } from '../support/pages.js';
import { createRig } from '../support/rig.js';

const page = readPages().find(({ path }) => path === 'docs/evaluation.md');
const blocks = (language: string): readonly string[] => (page === undefined ? [] : blocksOf(page, language));

interface Example {
  readonly name: string;
  /** The code as the page shows it. */
  readonly code: string | undefined;
  /** Programs that may run it, and how each is asked whether its libraries are there. */
  readonly programs: readonly string[];
  readonly ask: readonly string[];
  /** Makes the smallest model that the code can load. */
  readonly train: string;
  readonly extension: string;
  readonly metrics: readonly string[];
}

const PYTHONS = ['python3', '/usr/bin/python3'];
const EXAMPLES: readonly Example[] = [
  {
    name: 'scikit-learn',
    code: blocks('python')[0],
    programs: PYTHONS,
    ask: ['-c', 'import sklearn'],
    train: `import csv, pickle, sys
from sklearn.linear_model import LogisticRegression
rows = list(csv.DictReader(open("test.csv")))
model = LogisticRegression().fit([[float(r["amount"]), float(r["visits"])] for r in rows], [int(r["label"]) for r in rows])
pickle.dump(model, open(sys.argv[1], "wb"))
`,
    extension: 'py',
    metrics: ['auc', 'log_loss'],
  },
  {
    name: 'PyTorch',
    code: blocks('python')[1],
    programs: PYTHONS,
    ask: ['-c', 'import torch'],
    train: `import sys, torch
torch.jit.script(torch.nn.Linear(2, 1)).save(sys.argv[1])
`,
    extension: 'py',
    metrics: ['accuracy', 'log_loss'],
  },
  {
    name: 'R',
    code: blocks('r')[0],
    programs: ['Rscript'],
    ask: ['-e', 'library(jsonlite)'],
    train: `saveRDS(glm(label ~ amount + visits, data = read.csv("test.csv"), family = binomial), commandArgs(trailingOnly = TRUE)[1])
`,
    extension: 'R',
    metrics: ['accuracy'],
  },
];

/** The first program that has the libraries; stderr says where there is none. */
function findProgram({ name, programs, ask }: Example): string | undefined {
  for (const program of programs) {
    try {
      execFileSync(program, ask, { stdio: 'ignore' });
      return program;
    } catch {
      // Not here, or without the libraries.
    }
  }
  process.stderr.write(`${name} cannot be used here: its example in docs/evaluation.md is not executed\n`);
  return undefined;
}

const ROWS = 40;
const TEST_DATA = `id,label,amount,visits,region\n${Array.from({ length: ROWS }, (_, i) => `r${i},${(i * 7) % 3 === 0 ? 1 : 0},${(i * 13) % 10},${i % 5},${i % 2 === 0 ? 'north' : 'south'}`).join('\n')}\n`;

it('has an example for each of scikit-learn, PyTorch and R', () => {
  expect(EXAMPLES.map(({ code = '', extension }) => code.split('\n')[0] + extension)).toEqual([
    '# evaluate.py model test outpy',
    '# evaluate.py model test outpy',
    '# Rscript evaluate.R model test outR',
  ]);
});

for (const example of EXAMPLES) {
  const program = findProgram(example);
  it.skipIf(program === undefined)(`runs the example for ${example.name} as the page has it`, async () => {
    const { code = '', extension, train, metrics } = example;
    using rig = createRig({
      'pipelines/m.yaml': `pipeline: m
steps:
  train: { run: "${program} train.${extension} model", inputs: [train.${extension}, test.csv], outputs: [model] }
model:
  path: model
  evaluate:
    run: ${program} evaluate.${extension} \${{ model.path }} \${{ inputs[1] }} \${{ evaluation.path }}
    inputs: [evaluate.${extension}, test.csv]
  gate: [${metrics[0]} >= 0]
`,
      'test.csv': TEST_DATA,
      [`train.${extension}`]: train,
      [`evaluate.${extension}`]: code,
    });
    const { gate } = await rig.json(0, 'run', 'm');
    expect(gate.verdict).toBe('pass');
    const [{ scores, predictions }] = rig.query('SELECT metrics_json AS scores, predictions FROM evaluation');
    expect(Object.keys(JSON.parse(scores))).toEqual(expect.arrayContaining([...metrics]));
    const table = rig
      .read(`.refit/store/${predictions.slice(0, 2)}/${predictions.slice(2)}`)
      .trim()
      .split('\n');
    expect(table).toHaveLength(ROWS + 1);
    expect(table[0]?.replaceAll('"', '')).toMatch(/^id,label,prediction/);
  });
}
