/**
 * Changes of the world and faults of the data, told apart by the whole command: two months of one table, in the second of
 * which one thing happens. Changes at 300, 2,000 and 10,000 rows; faults in 100, 30 and 5 % of 4,000 rows. Fixed seeds. Exits
 * with 1 where a share misses its limit.
 *   node test/bench/changes.mjs [--kinds FILE] [--seed 1] [--only NAME]
 */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { seededRandom } from '../../dist/statistics/random.js';
import { heading, markdownTable } from './markdown.mjs';
import { REFIT, workspace } from './measure.mjs';

const option = (name) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
};
const OWN = join(import.meta.dirname, 'change-kinds.mjs');
/** Kinds chosen by people who did not write the code, where they are at hand. */
const OTHERS = resolve(import.meta.dirname, '../../../shared/changes/kinds.mjs');
const SEED = Number(option('seed') ?? 1);
const SIZES = [300, 2000, 10_000];
const SHARES = [1, 0.3, 0.05];
const FAULT_ROWS = 4000;
const LIMITS = { bug: 0.03, unclear: 0.25, found: [0.95, 0.85, 0.55], claimed: [0.83, 0.67, 0.39] };

/** Random values from one uniform generator. */
function drawing(u) {
  const normal = () => Math.sqrt(-2 * Math.log(1 - u())) * Math.cos(2 * Math.PI * u());
  const lognormal = (median, spread) => median * Math.exp(spread * normal());
  /** Marsaglia and Tsang (2000); a shape below one is drawn one higher and scaled down. */
  const gamma = (shape) => {
    if (shape < 1) return gamma(shape + 1) * u() ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - u()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  };
  const poisson = (mean) => {
    if (mean > 60) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
    let [count, product] = [0, u()];
    for (const least = Math.exp(-mean); product > least; product *= u()) count++;
    return count;
  };
  const beta = (a, b) => {
    const x = gamma(a);
    return x / (x + gamma(b));
  };
  const pick = (weights) => {
    const names = Object.keys(weights);
    let left = u() * names.reduce((sum, name) => sum + weights[name], 0);
    for (const name of names) {
      left -= weights[name];
      if (left < 0) return name;
    }
    return names.at(-1);
  };
  return { u, normal, lognormal, gamma, poisson, beta, pick, chance: (share) => u() < share };
}

const cell = (value) => {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' && /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : String(value);
};
const csv = (rows) => {
  const names = Object.keys(rows[0]);
  return `${[names.join(), ...rows.map((row) => names.map((name) => cell(row[name])).join())].join('\n')}\n`;
};

const folder = workspace();

/** What the command says of these columns: bug, unclear, drift or stable; a bug of another column is `bug elsewhere`. */
function ask(columns, reference, current) {
  writeFileSync(join(folder, 'reference.csv'), csv(reference));
  writeFileSync(join(folder, 'current.csv'), csv(current));
  const files = ['--reference', 'reference.csv', '--current', 'current.csv', '--time', 'at', '--ignore', 'id'];
  const ran = spawnSync(process.execPath, [REFIT, 'check-drift', ...files, '--json'], {
    cwd: folder,
    encoding: 'utf8',
  });
  const report = JSON.parse(ran.stdout);
  const concerns = (list) => (list ?? []).some((one) => columns.includes(one.column));
  const isJudged = (verdict) => report.features.some((one) => columns.includes(one.name) && one.verdict === verdict);
  if (concerns(report.data_bugs)) return 'bug';
  if (concerns(report.unclear) || isJudged('unclear')) return 'unclear';
  if (isJudged('drift')) return 'drift';
  return report.data_bugs.length > 0 ? 'bug elsewhere' : 'stable';
}

function measureKind(kind, at, table) {
  const settings = kind.what === 'bug' ? SHARES : SIZES;
  return settings.map((setting, i) => {
    const t = drawing(seededRandom(SEED * 1_000_003 + at * 97 + i));
    const rows = kind.what === 'bug' ? FAULT_ROWS : setting;
    const month = (period) => Array.from({ length: rows }, (_, row) => table(t, row, rows, period));
    const [reference, next] = [month(0), month(1)];
    const isHit = () => kind.what !== 'bug' || t.chance(setting);
    return ask(
      kind.columns,
      reference,
      next.map((row) => (isHit() ? kind.apply({ ...row }, t) : row)),
    );
  });
}

const misses = [];
const percent = (part, all) => `${((100 * part) / Math.max(1, all)).toFixed(0)} %`;

function summarize(name, measured) {
  const of = (what) => measured.filter((one) => one.what === what);
  const count = (answers, ...wanted) => answers.filter((one) => wanted.includes(one)).length;
  const share = (answers, ...wanted) =>
    `${count(answers, ...wanted)} of ${answers.length} (${percent(count(answers, ...wanted), answers.length)})`;
  const check = (what, value, isMet) => {
    if (!isMet) misses.push(`${name}: ${what} ${value.toFixed(3)}`);
  };
  const changes = of('change').flatMap((one) => one.answers);
  const [bugs, unclear] = [
    count(changes, 'bug', 'bug elsewhere') / changes.length,
    count(changes, 'unclear') / changes.length,
  ];
  check('changes called bug', bugs, bugs <= LIMITS.bug);
  check('changes called unclear', unclear, unclear <= LIMITS.unclear);
  heading(`${name}: changes of the world`);
  markdownTable(
    ['changes', 'drift', 'stable', 'unclear', 'bug'],
    [...SIZES.map((rows, i) => [`${rows} rows`, of('change').map((one) => one.answers[i])]), ['all', changes]].map(
      ([label, answers]) => [
        label,
        share(answers, 'drift'),
        share(answers, 'stable'),
        share(answers, 'unclear'),
        share(answers, 'bug', 'bug elsewhere'),
      ],
    ),
  );
  heading(`${name}: faults of the data`);
  markdownTable(
    ['faults', 'bug', 'bug or unclear'],
    SHARES.map((part, i) => {
      const answers = of('bug').map((one) => one.answers[i]);
      const [claimed, found] = [
        count(answers, 'bug') / answers.length,
        count(answers, 'bug', 'unclear') / answers.length,
      ];
      check(`bug at ${100 * part} %`, claimed, claimed >= LIMITS.claimed[i]);
      check(`bug or unclear at ${100 * part} %`, found, found >= LIMITS.found[i]);
      return [`in ${100 * part} % of the rows`, share(answers, 'bug'), share(answers, 'bug', 'unclear')];
    }),
  );
  const same = of('same').flatMap((one) => one.answers);
  console.log(`\nNothing happened: ${share(same, 'stable')} stable.`);
}

const chosen = option('kinds');
const files =
  chosen === undefined ? { 'own kinds': OWN, "kinds of others' choice": OTHERS } : { [chosen]: resolve(chosen) };
for (const [name, file] of Object.entries(files)) {
  if (!existsSync(file)) {
    console.log(`skip ${name}: no ${file}`);
    continue;
  }
  const { kinds, table } = await import(pathToFileURL(file));
  const only = option('only');
  const measured = kinds.flatMap((kind, at) =>
    only === undefined || kind.name === only ? [{ ...kind, answers: measureKind(kind, at, table) }] : [],
  );
  heading(`${name}, seed ${SEED}: each kind`);
  markdownTable(
    ['kind', 'at 300 rows, or in all rows', '2,000, or 30 %', '10,000, or 5 %'],
    measured.map((one) => [`${one.what}: ${one.name}`, ...one.answers]),
  );
  if (only === undefined) summarize(name, measured);
}
console.log(`\n${misses.length} misses`);
for (const miss of misses) console.log(`- ${miss}`);
process.exitCode = misses.length > 0 ? 1 : 0;
