/** A model whose score is written in it, and a gate that compares it with the champion. */
export const PIPELINE = `pipeline: m
steps:
  train: { run: cp source.json model.json, inputs: [source.json], outputs: [model.json] }
model:
  path: model.json
  evaluate: { run: "node evaluate.mjs \${{ model.path }} \${{ evaluation.path }}", inputs: [evaluate.mjs, test.json] }
  gate: [auc >= 0.6, { metric: auc, against: champion, max_regression: 0.01 }]
retrain: daily
`;

/** The score of a model is written in it, plus what the test data gives. */
export const EVALUATE = `import { readFileSync, writeFileSync } from 'node:fs';
const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
const [model, out] = process.argv.slice(2);
writeFileSync(out, JSON.stringify({ auc: read(model).auc + read('test.json').ease }));`;

export const source = (auc: number): Record<string, string> => ({ 'source.json': JSON.stringify({ auc }) });
export const ease = (by: number): Record<string, string> => ({ 'test.json': JSON.stringify({ ease: by }) });
