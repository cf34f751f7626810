// Reads mutated files that people and other systems write: YAML, CSV, JSON lines, JSON, Parquet, copies of the registry and
// MLflow databases. Each in one process, every 50th by the built program. Nothing may crash refit (exit 70) or take over 5 s.
// usage: node test/crash/fuzz-bytes.mjs [--count 2000] [--seed 1] [--every 50] [--first 0] [--only yaml]
//        node test/crash/fuzz-bytes.mjs --seed 7 --first 96 --save file.json   writes this one mutant
import { fork, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';

const PROJECT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const PROGRAM = join(PROJECT, 'bin/refit.js');
const SLOW_MS = 5000;
/** A reader that takes longer is killed, and the next mutant is read by a new process. */
const HUNG_MS = 30_000;

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};

/** mulberry32 (Tommy Ettinger, 2017): small, seeded, even enough. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const ROWS = Array.from({ length: 200 }, (_, i) => [
  i,
  (i * 7.25) % 13,
  ['red', 'green', 'blü'][i % 3],
  `2026-01-${String((i % 28) + 1).padStart(2, '0')}T03:00:00Z`,
]);
const CSV = `id,price,colour,at\n${ROWS.map((row) => row.join(',')).join('\n')}\n`;
const OBJECTS = ROWS.map(([id, price, colour, at]) => ({
  id,
  price,
  colour,
  at,
  more: { tags: ['a', colour], deep: [{ x: id }] },
}));
const LINES = OBJECTS.map((one) => JSON.stringify(one)).join('\n');

const PIPELINE = `pipeline: p
owner: "Ana <ana@example.org>"
params: { trees: 40, rate: 0.1, big: 12345678901234567890 }
x-note: &shared { inputs: [d.csv], outputs: [m] }
datasets:
  d: { path: "d.csv", time: at, checks: { rows: { min: 1 }, columns: { price: { min: 0, max: 100 } }, rules: ["price >= 0"] } }
steps:
  train:
    run: cp d.csv \${{ outputs[0] }}
    inputs: [d.csv, "\${{ datasets.d }}"]
    outputs: [m]
    timeout: 30m
    retries: { count: 2, backoff: exponential }
    matrix: { seed: [1, 2] }
model: { path: m, first: accept, gate: [{ smoke: "true" }, auc >= 0.6], publish: { path: serving, keep: 3 } }
monitor: { current: d, reference: m, ignore: [id] }
retrain: { when: { any: [{ schedule: "0 3 * * 1" }, data_drift, { max_age: 30d }] }, tick: 1h }
profiles: { small: { params: { trees: 2 } } }
`;
const SETTINGS = `resources: { cpus: 4, memory: 8GiB }
remotes: { ci: { url: "s3://models/p", region: eu-central-1 }, share: { url: ./share } }
notifications: { ops: { webhook: { from: URL }, on: [failed, held] } }
retention: { versions: 10, days: 90, keep: [p@3] }
roots: [../far, /mnt/share]
`;
const SCHEMA = `rows: { min: 1 }
columns: { price: { type: number, min: 0 }, colour: { values: [red, green] }, at: { type: timestamp } }
unique: [[id]]
rules: ["price < 100"]
`;
const DVC = `vars: [{ seed: 1 }]
stages:
  train:
    foreach: [us, uk]
    do: { cmd: "python train.py \${item} \${seed}", deps: [train.py], outs: [{ m.pkl: { cache: false } }], params: [a.b], metrics: [s.json] }
`;

const WORDS = {
  yaml: [
    '&a ',
    '*a',
    '*none',
    '- ',
    ': ',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '|\n',
    '>-\n',
    '!!binary ',
    '!!js/function x',
    '%YAML 1.1\n',
    '---\n',
    '...\n',
    '\t',
    '<<: *shared\n',
    '? ',
    '#',
    '${{ ',
    ' }}',
    '\0',
    '\u2028',
    '1e999',
    '0x1F',
    '.nan',
    '2026-02-30',
    '999999999999999999999',
    'null',
    '~',
    '__proto__: ',
    '0 3 * * 9',
    '* * * * * *',
    '-1d',
    '99999y',
    '../../x',
    '/dev/zero',
  ],
  csv: [
    '"',
    '""',
    "'",
    ',',
    ';',
    '\t',
    '|',
    '\r\n',
    '\r',
    '\n',
    '\0',
    '\ufeff',
    'ÿ',
    '#',
    '\\',
    'NaN',
    'inf',
    '1e400',
    '-',
    '2026-02-30',
    ','.repeat(300),
    '"\n'.repeat(40),
    'é'.repeat(50),
  ],
  json: [
    '{',
    '}',
    '[',
    ']',
    '"',
    '\\',
    '\\ud800',
    ',',
    ':',
    'null',
    'NaN',
    '1e999',
    '-',
    '0'.repeat(400),
    '\0',
    '\n',
    '{"a":'.repeat(600),
    '['.repeat(3000),
    '"id":1,'.repeat(50),
    '/*',
    '//',
  ],
  bytes: ['PAR1', '\0\0\0\0', 'ÿÿÿÿ', '\x7f', 'SQLite format 3\0', 'UPDATE', '\x80'.repeat(9)],
};

/** What is mutated, and how it is read. */
const kindsIn = (seeds) => ({
  yaml: {
    texts: [PIPELINE],
    words: WORDS.yaml,
    path: 'pipelines/p.yaml',
    args: [['validate'], ['plan', 'p'], ['status']],
  },
  settings: { texts: [SETTINGS], words: WORDS.yaml, path: 'refit.yaml', args: [['validate'], ['gc']] },
  schema: {
    texts: [SCHEMA],
    words: WORDS.yaml,
    path: 's.yaml',
    args: [['check-data', 'good.csv', '--schema', 's.yaml']],
  },
  dvc: {
    texts: [DVC],
    words: WORDS.yaml,
    path: 'dvc.yaml',
    args: [['import', 'dvc.yaml', '--name', 'q', '-o', 'q.yaml', '--force']],
  },
  csv: {
    texts: [CSV],
    words: WORDS.csv,
    path: 'd.csv',
    args: [
      ['check-data', 'd.csv'],
      ['check-drift', 'good.csv', 'd.csv'],
    ],
  },
  jsonl: { texts: [LINES], words: WORDS.json, path: 'd.jsonl', args: [['check-data', 'd.jsonl']] },
  json: {
    texts: [JSON.stringify(OBJECTS.slice(0, 50))],
    words: WORDS.json,
    path: 'd.json',
    args: [['check-data', 'd.json']],
  },
  parquet: {
    texts: [seeds.parquet],
    words: WORDS.bytes,
    path: 'd.parquet',
    isTail: true,
    args: [['check-data', 'd.parquet']],
  },
  registry: {
    texts: [seeds.registry],
    words: WORDS.bytes,
    path: 'copy.db',
    args: [['registry', 'restore', 'copy.db']],
  },
  mlflow: { texts: [seeds.mlflow], words: WORDS.bytes, path: 'mlflow.db', args: [['import', 'mlflow.db']] },
});

const SEEDS = {};
const isPicked = (name) => String(option('only', name)).split(',').includes(name);

/** The mutant with this number, the same whenever it is asked for. */
function mutant(number) {
  const kinds = Object.entries(kindsIn(SEEDS)).filter(([name]) => isPicked(name));
  const [name, kind] = kinds[number % kinds.length];
  const random = generator(Number(option('seed', '1')) * 1_000_003 + number);
  const pick = (list) => list[Math.floor(random() * list.length)];
  let bytes = Buffer.from(pick(kind.texts));
  const at = () => {
    // The footer of a Parquet file decides how the rest is read.
    const from = kind.isTail && random() < 0.8 ? Math.max(0, bytes.length - 1200) : 0;
    return from + Math.floor(random() * (bytes.length - from + 1));
  };
  const put = (place, length, more) => {
    bytes = Buffer.concat([bytes.subarray(0, place), more, bytes.subarray(place + length)]);
  };
  const changes = 1 + Math.floor(random() * 4);
  for (let i = 0; i < changes; i++) {
    const place = at();
    const length = 1 + Math.floor(random() ** 3 * 60);
    switch (Math.floor(random() * 7)) {
      case 0:
        if (place < bytes.length) bytes[place] ^= 1 << Math.floor(random() * 8);
        break;
      case 1:
        put(place, length, Buffer.alloc(0));
        break;
      case 2:
        put(place, 0, bytes.subarray(place, place + length));
        break;
      case 3:
        if (random() < 0.3) bytes = bytes.subarray(0, place);
        else put(place, 1, Buffer.from([Math.floor(random() * 256)]));
        break;
      case 4:
        put(place, length, Buffer.from(pick(kind.words)));
        break;
      default:
        put(place, 0, Buffer.from(pick(kind.words)));
    }
  }
  return { name, kind, bytes, args: pick(kind.args) };
}

/** A workspace with everything that a mutant needs beside itself. */
function build(root) {
  for (const folder of ['pipelines', 'share']) mkdirSync(join(root, folder), { recursive: true });
  const files = { 'pipelines/p.yaml': PIPELINE, 'd.csv': CSV, 'good.csv': CSV, 's.yaml': SCHEMA, 'train.py': '' };
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
}

async function makeSeeds(root) {
  build(root);
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const duck = await (await DuckDBInstance.create()).connect();
  await duck.run(
    `COPY (SELECT * FROM read_csv('${join(root, 'good.csv')}')) TO '${join(root, 'good.parquet')}' (FORMAT parquet)`,
  );
  writeFileSync(
    join(root, 'pipelines/p.yaml'),
    "pipeline: p\nsteps: { a: { run: 'echo 1 > m', inputs: [], outputs: [m] } }\nmodel: { path: m }\n",
  );
  spawnSync(process.execPath, [PROGRAM, 'run', 'p'], { cwd: root });
  spawnSync(process.execPath, [PROGRAM, 'registry', 'backup', 'copy.db'], { cwd: root });
  const mlflow = new Database(join(root, 'mlflow.db'));
  mlflow.exec(MLFLOW);
  mlflow.close();
  for (const [name, path] of [
    ['parquet', 'good.parquet'],
    ['registry', 'copy.db'],
    ['mlflow', 'mlflow.db'],
  ])
    writeFileSync(join(root, `seed.${name}`), readFileSync(join(root, path)));
}

const MLFLOW = `
CREATE TABLE experiments(experiment_id INTEGER, name TEXT, artifact_location TEXT, lifecycle_stage TEXT);
CREATE TABLE runs(run_uuid TEXT, name TEXT, experiment_id INTEGER, user_id TEXT, source_type TEXT, source_name TEXT, source_version TEXT, entry_point_name TEXT, status TEXT, start_time INTEGER, end_time INTEGER, lifecycle_stage TEXT, artifact_uri TEXT);
CREATE TABLE metrics(key TEXT, value REAL, timestamp INTEGER, run_uuid TEXT, step INTEGER, is_nan INTEGER);
CREATE TABLE params(key TEXT, value TEXT, run_uuid TEXT);
CREATE TABLE tags(key TEXT, value TEXT, run_uuid TEXT);
CREATE TABLE registered_models(name TEXT);
CREATE TABLE model_versions(name TEXT, version INTEGER, creation_time INTEGER, current_stage TEXT, source TEXT, run_id TEXT, description TEXT);
INSERT INTO experiments VALUES (1, 'e', 'a', 'active');
INSERT INTO runs VALUES ('0123456789abcdef0123456789abcdef', 'r', 1, 'ana', 'LOCAL', 'train.py', 'abc', 'main', 'FINISHED', 1700000000000, 1700000001000, 'active', 'a');
INSERT INTO metrics VALUES ('auc', 0.75, 1700000000500, '0123456789abcdef0123456789abcdef', 0, 0);
`;

/** Reads a mutant in this process; what a user would be told is no failure here. */
async function readers(root) {
  const dist = (path) => import(join(PROJECT, 'dist', path));
  const { parsePipeline } = await dist('pipeline/parse/parse-pipeline.js');
  const { parseWorkspaceFile } = await dist('pipeline/parse/sections/workspace-file.js');
  const { parseSchema } = await dist('pipeline/parse/sections/schema-file.js');
  const { importDvc } = await dist('interop/dvc/import-dvc.js');
  const { createDatasets } = await dist('tables/datasets.js');
  const { restoreRegistry } = await dist('registry/database/restore.js');
  const { openMlflowHistory } = await dist('interop/mlflow/lazily.js');
  let datasets;
  let used = 0;
  const table = async (path) => {
    if (used++ % 100 === 0) {
      await datasets?.[Symbol.asyncDispose]();
      datasets = createDatasets(root, { roots: () => [], scratch: () => root });
    }
    const source = { from: { kind: 'files', paths: [path] } };
    await datasets.columns(source);
    await datasets.profile(source);
  };
  return {
    yaml: (_, text) => parsePipeline('pipelines/p.yaml', text),
    settings: (_, text) => parseWorkspaceFile('refit.yaml', text),
    schema: (_, text) => parseSchema('s.yaml', text),
    dvc: (_, text) => importDvc({ file: 'dvc.yaml', text, name: 'q', read: async () => undefined }),
    csv: table,
    jsonl: table,
    json: table,
    parquet: table,
    registry: (path) => restoreRegistry(join(root, '.refit/registry.db'), path, 'fuzz'),
    mlflow: async (path) => {
      const opened = await openMlflowHistory(() => [root])(path);
      if (opened.ok) opened.value[Symbol.dispose]?.();
    },
  };
}

async function child(root, numbers) {
  for (const name of ['parquet', 'registry', 'mlflow']) SEEDS[name] = readFileSync(join(root, `seed.${name}`));
  const read = await readers(root);
  for (let number = numbers.first; number < numbers.end; number++) {
    const { name, kind, bytes } = mutant(number);
    process.send({ number });
    const path = join(root, kind.path);
    writeFileSync(path, bytes);
    const startedAt = performance.now();
    const cpu = process.cpuUsage();
    let crash;
    try {
      await read[name](path, bytes.toString('utf8'));
    } catch (error) {
      crash = String(error?.stack ?? error).slice(0, 600);
    }
    // The smaller of both: other processes take the processor, and DuckDB has several threads.
    const { user, system } = process.cpuUsage(cpu);
    const ms = Math.min(performance.now() - startedAt, (user + system) / 1000);
    process.send({ number, name, ms: Math.round(ms), crash });
  }
  process.exit();
}

/** Runs the readers in processes of their own, so that one that hangs can be ended. */
async function inProcess(root, count, first, report) {
  for (let next = first; next < first + count; ) {
    const worker = fork(fileURLToPath(import.meta.url), [
      ...process.argv.slice(2),
      '--child',
      root,
      '--from',
      String(next),
      '--end',
      String(first + count),
    ]);
    let at = next;
    let timer;
    const watch = () => {
      clearTimeout(timer);
      timer = setTimeout(() => worker.kill('SIGKILL'), HUNG_MS);
    };
    worker.on('message', (message) => {
      at = message.number;
      watch();
      if (message.name !== undefined) report(message);
      if (message.name !== undefined) next = message.number + 1;
    });
    watch();
    const how = await new Promise((done) => worker.on('close', (code, signal) => done(signal ?? code)));
    clearTimeout(timer);
    if (how !== 0 && next <= at) {
      report({ number: at, name: mutant(at).name, ms: HUNG_MS, crash: `the process ended with ${how}` });
      next = at + 1;
    }
  }
}

/** Gives a mutant to the built program in a workspace of its own. */
async function byProgram(number, base) {
  const { name, kind, bytes, args } = mutant(number);
  const root = mkdtempSync(join(base, 'w-'));
  build(root);
  writeFileSync(join(root, kind.path), bytes);
  const startedAt = performance.now();
  const process_ = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: HUNG_MS,
    killSignal: 'SIGKILL',
  });
  let stderr = '';
  process_.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const exit = await new Promise((done) => process_.on('close', (code, signal) => done(code ?? signal)));
  rmSync(root, { recursive: true, force: true });
  return { number, name, exit, args: args.join(' '), ms: Math.round(performance.now() - startedAt), stderr };
}

async function main() {
  const [count, first, every] = ['count', 'first', 'every'].map((name, i) =>
    Number(option(name, ['2000', '0', '50'][i])),
  );
  const base = mkdtempSync(join(tmpdir(), 'refit-fuzz-'));
  const root = join(base, 'read');
  try {
    await makeSeeds(root);
    for (const name of ['parquet', 'registry', 'mlflow']) SEEDS[name] = readFileSync(join(root, `seed.${name}`));
    const result = {
      mutants: 0,
      kinds: {},
      programs: 0,
      exits: {},
      slowestMs: 0,
      slowestProgramMs: 0,
      crashes: [],
      slow: [],
    };
    await inProcess(root, count, first, ({ number, name, ms, crash }) => {
      result.mutants++;
      result.kinds[name] = (result.kinds[name] ?? 0) + 1;
      result.slowestMs = Math.max(result.slowestMs, ms);
      if (ms > SLOW_MS) result.slow.push({ number, name, ms });
      if (crash !== undefined) result.crashes.push({ number, name, crash });
    });
    // One number further each time, so that the programs meet every kind.
    for (let number = first; number < first + count; number += every + 1) {
      let ran = await byProgram(number, base);
      // A busy machine makes any program slow once.
      if (ran.ms > SLOW_MS) ran = await byProgram(number, base);
      const { name, exit, ms, args, stderr } = ran;
      result.programs++;
      result.exits[exit] = (result.exits[exit] ?? 0) + 1;
      result.slowestProgramMs = Math.max(result.slowestProgramMs, ms);
      if (ms > SLOW_MS) result.slow.push({ number, name, ms, args });
      if (exit === 70 || typeof exit === 'string')
        result.crashes.push({ number, name, args, crash: stderr.slice(0, 600) });
    }
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    process.exitCode = result.crashes.length + result.slow.length > 0 ? 1 : 0;
  } finally {
    if (existsSync(base)) rmSync(base, { recursive: true, force: true });
  }
}

const saved = option('save');
if (saved !== undefined) {
  for (const name of ['parquet', 'registry', 'mlflow']) SEEDS[name] = Buffer.alloc(2000);
  writeFileSync(saved, mutant(Number(option('first'))).bytes);
  process.exit();
}
const folder = option('child');
if (folder === undefined) await main();
else await child(folder, { first: Number(option('from')), end: Number(option('end')) });
