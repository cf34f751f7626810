export type Language = 'node' | 'python';

const COMMANDS: Readonly<Record<Language, { readonly run: string; readonly script: string; readonly text: string }>> = {
  python: {
    run: 'python3 hello/train.py',
    script: 'hello/train.py',
    text: `"""Least squares of price on size, by hand: replace it with your own training."""
import csv, json, os

with open("hello/data.csv") as file:
    rows = [(float(r["size"]), float(r["price"])) for r in csv.DictReader(file)]
mean_x = sum(x for x, _ in rows) / len(rows)
mean_y = sum(y for _, y in rows) / len(rows)
slope = sum((x - mean_x) * (y - mean_y) for x, y in rows) / sum((x - mean_x) ** 2 for x, _ in rows)
model = {"slope": slope, "intercept": mean_y - slope * mean_x}
mae = sum(abs(model["intercept"] + slope * x - y) for x, y in rows) / len(rows)

os.makedirs("work", exist_ok=True)
with open("work/model.json", "w") as file:
    json.dump(model, file)
with open("work/metrics.json", "w") as file:
    json.dump({"mae": mae, "rows": len(rows)}, file)
print(f"{len(rows)} rows, mean absolute error {mae:.2f}")
`,
  },
  node: {
    run: 'node hello/train.mjs',
    script: 'hello/train.mjs',
    text: `// Least squares of price on size, by hand: replace it with your own training.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const [, ...lines] = readFileSync('hello/data.csv', 'utf8').trim().split('\\n');
const rows = lines.map((line) => line.split(',').map(Number));
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const [meanX, meanY] = [mean(rows.map(([x]) => x)), mean(rows.map(([, y]) => y))];
const slope =
  rows.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / rows.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
const model = { slope, intercept: meanY - slope * meanX };
const mae = mean(rows.map(([x, y]) => Math.abs(model.intercept + slope * x - y)));

mkdirSync('work', { recursive: true });
writeFileSync('work/model.json', JSON.stringify(model));
writeFileSync('work/metrics.json', JSON.stringify({ mae, rows: rows.length }));
console.log(\`\${rows.length} rows, mean absolute error \${mae.toFixed(2)}\`);
`,
  },
};

/** Sizes and prices with a little seeded noise. */
function data(): string {
  let state = 7;
  const noise = (): number => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648 - 0.5;
  };
  const rows = Array.from(
    { length: 60 },
    (_, i) => `${30 + 2 * i},${(90 + 5.5 * (30 + 2 * i) + 60 * noise()).toFixed(1)}`,
  );
  return `size,price\n${rows.join('\n')}\n`;
}

/** A pipeline of one step that registers, gates and publishes, with its data. */
export const starterFiles = (language: Language): Readonly<Record<string, string>> => {
  const { run, script, text } = COMMANDS[language];
  return {
    'pipelines/hello.yaml': `pipeline: hello
description: What does a flat of this size cost?
steps:
  train:
    role: train
    run: ${run}
    inputs: [${script}, hello/data.csv]
    outputs: { model: work/model.json }
    metrics: work/metrics.json
model:
  path: work/model.json
  gate: [mae <= 40]
  publish: { path: serving/hello }
retrain: weekly
`,
    [script]: text,
    'hello/data.csv': data(),
  };
};
