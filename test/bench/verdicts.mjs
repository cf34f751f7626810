/**
 * How often drift is called where there is none, and how often real drift is found: simulated windows through the same
 * pure functions that check-drift uses. Fixed seeds. Exits with 1 where a rate misses its limit.
 */
import process from 'node:process';
import { METHOD_NAMES } from '../../dist/domain/pipeline/drift-method.js';
import { compareColumn } from '../../dist/drift/judge/compare-column.js';
import { alphaFor, compareTables } from '../../dist/drift/judge/judge-table.js';
import { cellEdges, countInCells } from '../../dist/statistics/distribution.js';
import { seededRandom } from '../../dist/statistics/random.js';

const ROWS = [200, 1000, 10_000, 100_000];
const CELLS = [3, 10, 100, 1000];
const KINDS = ['normal', 'lognormal', 'heavy', 'integer', 'categorical'];
/** Comparisons for each combination; the limit holds for all combinations of a kind and a number of rows together. */
const REPETITIONS = { 200: 3000, 1000: 3000, 10000: 2000, 100000: 2000 };
const LIMIT = 0.002;
const TABLES = 400;
const DETECTIONS = 400;

/** Quantile functions: a uniform number in, a value out. */
const VALUE = {
  normal: normalQuantile,
  lognormal: (u) => Math.exp(1.5 * normalQuantile(u)),
  // Student's t with two degrees of freedom: no variance
  heavy: (u) => (2 * u - 1) / Math.sqrt(2 * u * (1 - u)),
  integer: (u) => Math.floor(Math.exp(1 + 0.8 * normalQuantile(u))),
};

/** Acklam's rational approximation of the normal quantile function (2003), to 1e-9. */
function normalQuantile(p) {
  const tail = (q) =>
    (((((-7.784894002430293e-3 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) * q +
      4.374664141464968) *
      q +
      2.938163982698783) /
    ((((7.784695709041462e-3 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1);
  if (p < 0.02425) return tail(Math.sqrt(-2 * Math.log(Math.max(p, 1e-300))));
  if (p > 0.97575) return -tail(Math.sqrt(-2 * Math.log(Math.max(1 - p, 1e-300))));
  const q = p - 0.5;
  const r = q * q;
  return (
    ((((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r -
      30.66479806614716) *
      r +
      2.506628277459239) *
      q) /
    (((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r -
      13.28068155288572) *
      r +
      1)
  );
}

/** Binomial counts: by trials where few, else normal. */
function binomial(random, n, p) {
  if (p <= 0) return 0;
  if (p >= 1) return n;
  const mean = n * p;
  if (n <= 40) {
    let hits = 0;
    for (let i = 0; i < n; i++) if (random() < p) hits++;
    return hits;
  }
  if (mean < 12 || n - mean < 12) {
    const isFlipped = n - mean < 12;
    const odds = isFlipped ? (1 - p) / p : p / (1 - p);
    let chance = (isFlipped ? p : 1 - p) ** n;
    let [left, x] = [random(), 0];
    while (left > chance && x < n) {
      left -= chance;
      chance *= ((n - x) / (x + 1)) * odds;
      x++;
    }
    return isFlipped ? n - x : x;
  }
  const z = normalQuantile(random());
  return Math.min(n, Math.max(0, Math.round(mean + z * Math.sqrt(mean * (1 - p)))));
}

/** Rows of a window in cells with these shares. */
function multinomial(random, rows, shares) {
  let [left, rest] = [rows, shares.reduce((sum, share) => sum + share, 0)];
  return shares.map((share, i) => {
    const count = i === shares.length - 1 ? left : binomial(random, left, Math.min(1, share / rest));
    left -= count;
    rest -= share;
    return count;
  });
}

/** Gamma variable with a whole shape: sums of exponentials, or Marsaglia and Tsang's squeeze (2000). */
function gamma(random, shape) {
  if (shape <= 8) {
    let product = 1;
    for (let i = 0; i < shape; i++) product *= 1 - random();
    return -Math.log(product);
  }
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normalQuantile(random());
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

const column = (rows, more) => ({
  name: 'x',
  type: 'number',
  sqlType: 'DOUBLE',
  rows,
  missing: 0,
  notFinite: 0,
  distinct: 9,
  ...more,
});

const numeric = (quantiles, counts) => ({
  numeric: {
    min: quantiles[0],
    max: quantiles.at(-1),
    mean: 0,
    sd: 1,
    zeros: 0,
    negatives: 0,
    quantiles,
    ...(counts === undefined ? {} : { counts }),
  },
});

/**
 * A continuous column as its scans see it, without drawing its rows: the reference's order statistics at equally spaced
 * ranks are sums of gamma spacings, the current rows fall between them as a multinomial, and its own quantiles likewise.
 */
function continuousPair(random, value, { rows, cells }) {
  const steps = Math.min(cells, rows - 1);
  const ranks = Array.from({ length: steps + 1 }, (_, i) => 1 + Math.round((i * (rows - 1)) / steps));
  const at = order(random, ranks, rows);
  const quantiles = at.map(value);
  const counts = [0, 1, ...ranks.slice(1).map((rank, i) => rank - ranks[i]), 0];
  const shares = [at[0], 0, ...at.slice(1).map((u, i) => u - at[i]), 1 - at.at(-1)];
  const counted = multinomial(random, rows, shares);
  const own = order(random, ranks, rows).map(value);
  return [column(rows, numeric(quantiles, counts)), column(rows, { ...numeric(own), counted })];
}

/** Uniform order statistics of `rows` values at these ranks. */
function order(random, ranks, rows) {
  let [sum, last] = [0, 0];
  const sums = ranks.map((rank) => {
    sum += gamma(random, rank - last);
    last = rank;
    return sum;
  });
  const all = sum + gamma(random, rows + 1 - last);
  return sums.map((one) => one / all);
}

/** A column of whole numbers: a row falls on one of its values with the share that the law gives it. */
function integerPair(random, { rows, cells }) {
  const last = Math.min(cells, 60);
  const shares = Array.from({ length: last }, (_, i) => {
    const below = (x) => (x <= 0 ? 0 : phi((Math.log(x) - 1) / 0.8));
    return i === last - 1 ? 1 - below(i) : below(i + 1) - below(i);
  });
  const [a, b] = [multinomial(random, rows, shares), multinomial(random, rows, shares)];
  const present = a.flatMap((count, i) => (count > 0 ? [i] : []));
  const edges = cellEdges(present);
  const counts = [0, ...present.map((i) => a[i]), 0];
  const kept = keptValues(a, rows);
  const counted = new Array(edges.length + 1).fill(0);
  b.forEach((count, i) => {
    const cell = edges.findIndex((edge) => i <= edge);
    counted[cell < 0 ? edges.length : cell] += count;
  });
  return [column(rows, numeric(kept, counts)), column(rows, { ...numeric(keptValues(b, rows)), counted })];
}

/** Values at equally spaced ranks, as a profile keeps them; a value that it would lose is put in, since it has a cell. */
function keptValues(counts, rows) {
  const steps = Math.min(1000, rows - 1);
  const kept = [];
  let passed = 0;
  counts.forEach((count, i) => {
    passed += count;
    const from = kept.length;
    while (kept.length <= steps && (kept.length * (rows - 1)) / steps < passed - 0.5) kept.push(i);
    if (count > 0 && kept.length === from) kept.push(i);
  });
  return kept;
}

const phi = (z) => {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail =
    0.3989422804 *
    Math.exp((-z * z) / 2) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z > 0 ? 1 - tail : tail;
};

const categorical = (counts) => {
  const rows = counts.reduce((sum, count) => sum + count, 0);
  const top = counts.map((count, i) => ({ value: `v${i}`, count })).filter((one) => one.count > 0);
  return {
    ...column(rows, { categories: { top, otherRows: 0, singletons: top.filter((one) => one.count === 1).length } }),
    type: 'text',
    sqlType: 'VARCHAR',
    distinct: top.length,
  };
};

function categoricalPair(random, { rows, cells }, number) {
  // equal levels and long-tailed ones in turn
  const shares = Array.from({ length: cells }, (_, i) => (number % 2 === 0 ? 1 : 1 / (i + 1)));
  return [categorical(multinomial(random, rows, shares)), categorical(multinomial(random, rows, shares))];
}

const pairOf = (kind, random, size, number) =>
  kind === 'categorical'
    ? categoricalPair(random, size, number)
    : kind === 'integer'
      ? integerPair(random, size)
      : continuousPair(random, VALUE[kind], size);

/** A column from rows, for detection: everything is drawn and counted. */
function sampled(values, reference) {
  const sorted = Float64Array.from(values).sort();
  const quantiles = Array.from({ length: Math.min(sorted.length, 1001) }, (_, k) =>
    sorted.length <= 1001 ? sorted[k] : sorted[Math.round((k * (sorted.length - 1)) / 1000)],
  );
  const counted = reference === undefined ? undefined : countInCells(cellEdges(reference.numeric.quantiles), values);
  return column(values.length, {
    ...numeric(quantiles, countInCells(cellEdges(quantiles), values)),
    ...(counted === undefined ? {} : { counted }),
  });
}

const misses = [];
const expect = (what, rate, isMet, limit) => {
  if (!isMet) misses.push(`${what}: ${(100 * rate).toFixed(2)} %, limit ${limit}`);
};

const started = performance.now();
const asked = process.argv.slice(2);
const methods = asked.length > 0 ? asked : ['auto', ...METHOD_NAMES.filter((name) => name !== 'ks' && name !== 'tvd')];
for (const method of methods) {
  console.log(`\nfalse alarms of one column, method ${method} (limit 0.2 %); rate, and share undecided`);
  console.log(
    `${'kind'.padEnd(12)} ${'rows'.padStart(7)} ${CELLS.map((cells) => `${cells} cells`.padStart(18)).join('')}`,
  );
  for (const kind of KINDS)
    for (const rows of ROWS) {
      const repetitions = REPETITIONS[rows];
      let all = 0;
      const cellRates = CELLS.map((cells, i) => {
        const random = seededRandom(1000 * KINDS.indexOf(kind) + 10 * ROWS.indexOf(rows) + i);
        let [alarms, undecided] = [0, 0];
        for (let r = 0; r < repetitions; r++) {
          const [reference, current] = pairOf(kind, random, { rows, cells }, r);
          const { verdict } = compareColumn(reference, current, { alpha: alphaFor(1), role: 'feature', method });
          if (verdict === 'drift') alarms++;
          if (verdict === 'undecided') undecided++;
        }
        all += alarms;
        const rate = alarms / repetitions;
        // one combination of hundreds may lie above by chance: three deviations
        const most = LIMIT + 3 * Math.sqrt(LIMIT / repetitions);
        expect(`${method} ${kind}, ${rows} rows, ${cells} cells`, rate, rate <= most, '0.2 % and chance');
        return `${(100 * rate).toFixed(2)} % ${undecided === 0 ? '     ' : `(${((100 * undecided) / repetitions).toFixed(0)} %)`}`.padStart(
          18,
        );
      });
      const rate = all / (repetitions * CELLS.length);
      expect(`${method} ${kind}, ${rows} rows`, rate, rate <= LIMIT, '0.2 %');
      console.log(`${kind.padEnd(12)} ${String(rows).padStart(7)} ${cellRates.join('')}`);
    }
}

console.log('\nfalse alarms of a table of 20 columns (limit 2 %)');
for (const rows of [200, 1000]) {
  const random = seededRandom(77 + rows);
  let alarms = 0;
  for (let r = 0; r < TABLES; r++) {
    const pairs = Array.from({ length: 20 }, (_, i) =>
      pairOf(KINDS[i % KINDS.length], random, { rows, cells: CELLS[i % CELLS.length] }, i).map((one) => ({
        ...one,
        name: `x${i}`,
      })),
    );
    const tables = [0, 1].map((side) => ({ format: 2, rows, columns: pairs.map((pair) => pair[side]) }));
    if (compareTables(tables[0], tables[1], { ignore: [], dataBugs: [] }).verdict === 'drift') alarms++;
  }
  console.log(`${String(rows).padStart(7)} rows ${((100 * alarms) / TABLES).toFixed(2)} %`);
  expect(`table of 20, ${rows} rows`, alarms / TABLES, alarms / TABLES <= 0.02, '2 %');
}

console.log('\ndetection at 1,000 rows a side, among 20 columns (at least 99 %)');
const DRIFTS = {
  'shift of 0.5 sd': (random) => {
    const draw = (shift, spread) => Array.from({ length: 1000 }, () => shift + spread * normalQuantile(random()));
    const reference = sampled(draw(0, 1));
    return [reference, sampled(draw(0.5, 1), reference)];
  },
  'doubled sd': (random) => {
    const draw = (spread) => Array.from({ length: 1000 }, () => spread * normalQuantile(random()));
    const reference = sampled(draw(1));
    return [reference, sampled(draw(2), reference)];
  },
  '20 points among 10 categories': (random) => {
    const moved = Array.from({ length: 10 }, (_, i) => (i < 5 ? 0.06 : 0.14));
    return [
      categorical(multinomial(random, 1000, new Array(10).fill(0.1))),
      categorical(multinomial(random, 1000, moved)),
    ];
  },
};
for (const [name, draw] of Object.entries(DRIFTS)) {
  const random = seededRandom(name.length);
  let found = 0;
  for (let r = 0; r < DETECTIONS; r++) {
    const [reference, current] = draw(random);
    if (compareColumn(reference, current, { alpha: alphaFor(20), role: 'feature' }).verdict === 'drift') found++;
  }
  console.log(`${name.padEnd(32)} ${((100 * found) / DETECTIONS).toFixed(1)} %`);
  expect(name, found / DETECTIONS, found / DETECTIONS >= 0.99, '99 %');
}

console.log(`\n${((performance.now() - started) / 1000).toFixed(0)} s; ${misses.length} misses`);
for (const miss of misses) console.log(`  ${miss}`);
process.exitCode = misses.length > 0 ? 1 : 0;
