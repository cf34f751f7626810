import { sales } from './sales.js';

type Language = 'node' | 'python';

interface Scripts {
  readonly program: string;
  readonly ending: string;
  readonly extract: string;
  readonly train: string;
}

const SCRIPTS: Readonly<Record<Language, Scripts>> = {
  python: {
    program: 'python3',
    ending: 'py',
    extract: `"""All sales in one table: replace it with your own query."""
import csv, os, sys

out, *files = sys.argv[1:]
rows = []
for name in files:
    with open(name) as file:
        rows += list(csv.DictReader(file))
os.makedirs(os.path.dirname(out), exist_ok=True)
with open(out, "w") as file:
    table = csv.DictWriter(file, ["size", "price"])
    table.writeheader()
    table.writerows(rows)
print(f"{len(rows)} rows of {len(files)} files")
`,
    train: `"""Least squares of price on size, by hand: replace it with your own training."""
import csv, json

with open("work/rows.csv") as file:
    rows = [(float(r["size"]), float(r["price"])) for r in csv.DictReader(file)]
mean_x = sum(x for x, _ in rows) / len(rows)
mean_y = sum(y for _, y in rows) / len(rows)
slope = sum((x - mean_x) * (y - mean_y) for x, y in rows) / sum((x - mean_x) ** 2 for x, _ in rows)
model = {"slope": slope, "intercept": mean_y - slope * mean_x}
mae = sum(abs(model["intercept"] + slope * x - y) for x, y in rows) / len(rows)

with open("work/model.json", "w") as file:
    json.dump(model, file)
with open("work/metrics.json", "w") as file:
    json.dump({"mae": mae, "rows": len(rows)}, file)
print(f"{len(rows)} rows, mean absolute error {mae:.2f}")
`,
  },
  node: {
    program: 'node',
    ending: 'mjs',
    extract: `// All sales in one table: replace it with your own query.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const [, , out, ...files] = process.argv;
const rows = files.flatMap((file) => readFileSync(file, 'utf8').trim().split('\\n').slice(1));
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, ['size,price', ...rows, ''].join('\\n'));
console.log(\`\${rows.length} rows of \${files.length} files\`);
`,
    train: `// Least squares of price on size, by hand: replace it with your own training.
import { readFileSync, writeFileSync } from 'node:fs';

const [, ...lines] = readFileSync('work/rows.csv', 'utf8').trim().split('\\n');
const rows = lines.map((line) => line.split(',').map(Number));
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const [meanX, meanY] = [mean(rows.map(([x]) => x)), mean(rows.map(([, y]) => y))];
const slope =
  rows.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / rows.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
const model = { slope, intercept: meanY - slope * meanX };
const mae = mean(rows.map(([x, y]) => Math.abs(model.intercept + slope * x - y)));

writeFileSync('work/model.json', JSON.stringify(model));
writeFileSync('work/metrics.json', JSON.stringify({ mae, rows: rows.length }));
console.log(\`\${rows.length} rows, mean absolute error \${mae.toFixed(2)}\`);
`,
  },
};

/**
 * A starter pipeline that registers, gates, publishes and monitors a model, with its data. february.csv holds data of a
 * later month.
 */
export const starterFiles = (language: Language): Readonly<Record<string, string>> => {
  const { program, ending, extract, train } = SCRIPTS[language];
  return {
    'pipelines/hello.yaml': `pipeline: hello
description: What does a flat of this size cost?
datasets:
  sales: { path: "hello/sales/*.csv" }
steps:
  extract:
    role: extract
    run: ${program} hello/extract.${ending} \${{ outputs.rows }} \${{ datasets.sales }}
    inputs: [hello/extract.${ending}, "\${{ datasets.sales }}"]
    outputs: { rows: work/rows.csv }
  train:
    role: train
    run: ${program} hello/train.${ending}
    inputs: [hello/train.${ending}, work/rows.csv]
    outputs: { model: work/model.json }
    metrics: work/metrics.json
model:
  path: work/model.json
  gate: [mae <= 40]
  publish: { path: serving/hello }
monitor:
  reference: work/rows.csv
  current: { dataset: sales }
retrain:
  when:
    any:
      - { schedule: "0 3 * * 1" }
      - { data_drift: { share: 0.5 } }
`,
    [`hello/extract.${ending}`]: extract,
    [`hello/train.${ending}`]: train,
    'hello/sales/january.csv': sales(7, 30),
    'hello/february.csv': sales(8, 90),
  };
};
