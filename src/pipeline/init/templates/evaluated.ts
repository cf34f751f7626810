import { sales } from './sales.js';

/** What differs between the examples that compare each version with the champion on the same test data. */
export interface EvaluatedTemplate {
  readonly program: string;
  readonly ending: string;
  readonly model: string;
  readonly needs: string;
  /** A line of the pipeline file about where the packages are. */
  readonly environment: string;
  readonly split: string;
  readonly train: string;
  readonly evaluate: string;
}

/** A pipeline that splits its data, trains, scores on the test data, gates against the champion, publishes and monitors. */
export function evaluatedFiles(template: EvaluatedTemplate): Readonly<Record<string, string>> {
  const { program, ending, model, environment } = template;
  const path = (name: string): string => `hello/${name}.${ending}`;
  return {
    'pipelines/hello.yaml': `pipeline: hello
description: What does a flat of this size cost?
${environment}
datasets:
  sales: { path: "hello/sales/*.csv" }
params: { seed: 1 }
steps:
  split:
    role: prepare
    run: ${program} ${path('split')} \${{ outputs.train }} \${{ outputs.test }} \${{ datasets.sales }}
    inputs: [${path('split')}, "\${{ datasets.sales }}"]
    outputs: { train: work/train.csv, test: work/test.csv }
  train:
    role: train
    run: ${program} ${path('train')} \${{ inputs[1] }} \${{ outputs.model }} \${{ params.seed }}
    inputs: [${path('train')}, work/train.csv]
    outputs: { model: ${model} }
    metrics: work/train.json
model:
  path: ${model}
  evaluate:
    run: ${program} ${path('evaluate')} \${{ model.path }} \${{ inputs[1] }} \${{ evaluation.path }}
    inputs: [${path('evaluate')}, work/test.csv]
  gate:
    - { metric: mae, max: 40 }
    - { metric: mae, against: champion, max_regression: 2 }
  publish: { path: serving/hello }
monitor:
  reference: work/train.csv
  current: { dataset: sales }
retrain:
  when:
    any:
      - { schedule: "0 3 * * 1" }
      - { data_drift: { share: 0.5 } }
`,
    [path('split')]: template.split,
    [path('train')]: template.train,
    [path('evaluate')]: template.evaluate,
    'hello/sales/january.csv': sales(7, 30),
    'hello/february.csv': sales(8, 90),
  };
}

/** Python without packages, so that both examples in Python share it. */
export const PYTHON_SPLIT = `"""split.py train test file...: every fourth row is for the test."""
import csv, sys

train_path, test_path, *files = sys.argv[1:]
rows = []
for name in files:
    with open(name, newline="") as file:
        rows += csv.DictReader(file)
test = rows[::4]
train = [row for i, row in enumerate(rows) if i % 4 != 0]
for path, part in ((train_path, train), (test_path, test)):
    with open(path, "w", newline="") as file:
        table = csv.DictWriter(file, ["size", "price"])
        table.writeheader()
        table.writerows(part)
print(f"{len(train)} rows to train on, {len(test)} to test on")
`;
