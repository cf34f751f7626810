// Data for the sessions, made from a seed so that every play shows the same figures.

const DAY_MS = 86_400_000;
/** A Monday. */
const START = Date.parse('2026-01-05');

/** Numbers from 0 to 1 (mulberry32). */
function seededRandom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Nine weeks of calibrated predictions with what came true. On 27 February the world changes: from then on half of the
 * labels are the opposite of what the score says.
 */
export function predictionLog() {
  const uniform = seededRandom(1);
  const [days, perDay, change] = [63, 120, 53];
  const lines = Array.from({ length: days * perDay }, (_, i) => {
    const day = Math.floor(i / perDay);
    const at = new Date(START + day * DAY_MS + (i % perDay) * Math.floor(DAY_MS / perDay)).toISOString();
    const score = 0.05 + 0.9 * uniform();
    const isReversed = day >= change && uniform() < 0.5;
    const late = uniform() < (isReversed ? 1 - score : score) ? 1 : 0;
    const wrong = (score >= 0.5 ? 1 : 0) === late ? 0 : 1;
    return `${at},${'nsew'[i % 4]},${score.toFixed(4)},${late},${wrong}`;
  });
  return `at,site,p_late,late,wrong\n${lines.join('\n')}\n`;
}

/** Twelve weeks of sales with their day; from the seventh week on prices fall for the same size. */
export function datedSales() {
  const uniform = seededRandom(2);
  const lines = Array.from({ length: 84 * 12 }, (_, i) => {
    const day = Math.floor(i / 12);
    const size = Math.round(30 + 120 * uniform());
    const price = (90 + (day < 45 ? 5.5 : 4.4) * size + 60 * (uniform() - 0.5)).toFixed(1);
    return `${new Date(START + day * DAY_MS).toISOString().slice(0, 10)},${size},${price}`;
  });
  return `day,size,price\n${lines.join('\n')}\n`;
}

/** A pipeline over dated data: it trains on 28 days and tests on the seven days after them. */
export const PRICES = {
  'pipelines/prices.yaml': `pipeline: prices
datasets:
  sales: { path: sales.csv, time: day }
steps:
  split:
    role: prepare
    run: python3 prices/split.py \${{ now }} \${{ datasets.sales }}
    inputs: [prices/split.py, "\${{ datasets.sales }}"]
    outputs: [work/train.csv, work/test.csv]
  train:
    role: train
    run: python3 prices/train.py
    inputs: [prices/train.py, work/train.csv]
    outputs: [work/model.json]
model:
  path: work/model.json
  evaluate:
    run: python3 prices/evaluate.py \${{ model.path }} \${{ evaluation.path }}
    inputs: [prices/evaluate.py, work/test.csv]
  gate:
    - { metric: mae, max: 100 }
    - { metric: mae, against: champion, max_regression: 2 }
monitor:
  reference: work/train.csv
  current: { dataset: sales, window: 14d }
retrain:
  when: { any: [{ data_drift: { share: 0.3 } }, { max_age: 28d }] }
`,
  'prices/split.py': `import csv, sys
from datetime import datetime, timedelta

now, source = sys.argv[1:]
end = datetime.fromisoformat(now.replace("Z", "+00:00")).date()
with open(source) as file:
    rows = [(datetime.fromisoformat(r["day"][:10]).date(), r) for r in csv.DictReader(file)]

def write(path, first, last):
    with open(path, "w") as file:
        table = csv.writer(file)
        table.writerow(["day", "size", "price"])
        table.writerows([d, r["size"], r["price"]] for d, r in rows if first <= d < last)

test = end - timedelta(days=7)
write("work/train.csv", test - timedelta(days=28), test)
write("work/test.csv", test, end)
`,
  'prices/train.py': `import csv, json

with open("work/train.csv") as file:
    rows = [(float(r["size"]), float(r["price"])) for r in csv.DictReader(file)]
mean_x = sum(x for x, _ in rows) / len(rows)
mean_y = sum(y for _, y in rows) / len(rows)
slope = sum((x - mean_x) * (y - mean_y) for x, y in rows) / sum((x - mean_x) ** 2 for x, _ in rows)
with open("work/model.json", "w") as file:
    json.dump({"slope": slope, "intercept": mean_y - slope * mean_x}, file)
`,
  'prices/evaluate.py': `import csv, json, sys

model_path, out = sys.argv[1:]
model = json.load(open(model_path))
with open("work/test.csv") as file:
    errors = [abs(model["intercept"] + model["slope"] * float(r["size"]) - float(r["price"])) for r in csv.DictReader(file)]
json.dump({"mae": sum(errors) / len(errors), "rows": len(errors)}, open(out, "w"))
`,
};

/** Eight orders: a repeated one, an unknown country, an amount in cents, a missing amount. */
export const ORDERS = {
  'orders.csv': `order,day,country,amount
1,2026-03-01,DE,20.00
2,2026-03-01,DE,25.50
3,2026-03-01,FR,19.90
3,2026-03-02,FR,19.90
4,2026-03-02,XX,22.10
5,2026-03-02,AT,2210
6,2026-03-03,AT,
7,2026-03-03,DE,24.00
`,
  'orders.yaml': `columns:
  order: { type: integer, required: true, unique: true }
  country: { values: [AT, DE, FR] }
  amount: { type: number, min: 0, max: 500, max_missing: 0.05 }
`,
};

/** The sales of the starter with every price in cents. */
export const inCents = (table) =>
  table
    .split('\n')
    .map((line, i) => {
      const [size, price] = line.split(',');
      return i === 0 || price === undefined ? line : `${size},${Math.round(Number(price) * 100)}`;
    })
    .join('\n');

export const CHANNEL = `notifications:
  log: { run: 'echo "$REFIT_NOTICE_KIND: $REFIT_NOTICE_SUMMARY" >> notices.txt' }
`;

export const DVC = `stages:
  prepare:
    cmd: python prepare.py
    deps: [prepare.py, data]
    outs: [work/rows.csv]
  train:
    foreach: [us, de]
    do:
      cmd: python train.py \${item}
      deps: [train.py, work/rows.csv]
      outs: ["work/model-\${item}.pkl"]
  report:
    cmd: python report.py
    frozen: true
    deps: [work/model-us.pkl]
    plots: [report.json]
`;

/** Evenly spread over 0 … 1 in an order that looks like chance: the same for a row whenever it is computed. */
const spread = (i, step) => (i * step) % 1;

/**
 * Orders of a shop in January and February. In February more items are ordered, a third of the discounts is missing and the
 * heating is on all the time, as it was in the first half of January; prices are as they were.
 */
export function shopOrders() {
  const rows = (count, row) =>
    `price,items,discount,heating\n${Array.from({ length: count }, (_, i) => row(i).join(',')).join('\n')}\n`;
  const price = (i) => (20 + 80 * spread(i, 0.6180339887) ** 2).toFixed(2);
  const items = (i, most) => 1 + Math.floor(most * spread(i, 0.7548776662));
  const discount = (i) => Math.round(30 * spread(i, 0.569840291));
  return {
    'january.csv': rows(400, (i) => [price(i), items(i, 5), discount(i), i < 200 ? 'on' : 'off']),
    'february.csv': rows(300, (i) => [price(i), items(i, 8), spread(i, 0.8191725134) < 0.3 ? '' : discount(i), 'on']),
  };
}

/** An evaluate section for the starter pipeline, and its program. */
export const EVALUATE_KEYS = `  evaluate:
    run: python3 hello/evaluate.py \${{ model.path }} \${{ evaluation.path }}
    inputs: [hello/evaluate.py, hello/february.csv]
`;

export const EVALUATE = `import csv, json, sys

model_path, out = sys.argv[1:]
with open(model_path) as file:
    model = json.load(file)
with open("hello/february.csv") as file:
    rows = [(float(row["size"]), float(row["price"])) for row in csv.DictReader(file)]
errors = [abs(model["intercept"] + model["slope"] * size - price) for size, price in rows]
with open(out, "w") as file:
    json.dump({"mae": sum(errors) / len(errors)}, file)
`;

/** A table of a few customers. */
export const CUSTOMERS = `id,date,amount,visits,label\n${Array.from({ length: 60 }, (_, i) => `${i},2026-01-${String(1 + (i % 28)).padStart(2, '0')},${(i * 7) % 50},${i % 9},${i % 2}`).join('\n')}\n`;

/** Sizes and prices of flats. */
export const FLATS = `size,price\n${[48, 55, 61, 70, 84, 92, 110].map((size) => `${size},${size * 3 + (size % 7)}`).join('\n')}\n`;

/** A script that no pipeline has: fits a line, and writes it with its mean error. */
export const TRACKED_TRAIN = `import csv, json, os
with open("flats.csv", newline="") as file:
    rows = [(float(row["size"]), float(row["price"])) for row in csv.DictReader(file)]
slope = sum(x * y for x, y in rows) / sum(x * x for x, _ in rows)
with open("model.json", "w") as file:
    json.dump({"slope": slope}, file)
with open(os.environ["REFIT_METRICS"], "w") as file:
    json.dump({"mae": sum(abs(y - slope * x) for x, y in rows) / len(rows)}, file)
`;
