// Pulls mutated log entries, bundles and objects of a remote, thousands of them in one process and some by the built program.
// Nothing of them may crash refit (exit 70), write outside `.refit`, or change what is served.
// usage: node test/security/fuzz-wire.mjs [--count 5000] [--programs 300] [--seed 1]
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const PROJECT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const PROGRAM = join(PROJECT, 'bin/refit.js');
const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const [COUNT, PROGRAMS, SEED] = [option('count', 5000), option('programs', 300), option('seed', 1)];

const PIPELINE = (more) => `pipeline: m
steps:
  prepare: { run: 'mkdir -p out/deep; cp source.txt out/p.txt; cp source.txt out/deep/q.txt', inputs: [source.txt], outputs: [out] }
  train: { run: 'cat out/p.txt > model.txt; echo "{\\"auc\\": 0.7}" > train.json', inputs: [out], outputs: [model.txt], metrics: train.json }
model:
  path: model.txt
  publish: { path: serving/m, keep: 2 }
  gate: [auc >= 0.6]
${more}`;

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

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const put = (path, bytes) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
};

/** Machine B has pushed what it serves, with an approval. Machine A has pulled it, promoted another version and pushed. */
function build(base) {
  const [a, b, remote] = ['a', 'b', 'remote'].map((name) => join(base, name));
  const refit = (cwd, ...args) => {
    const { status, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { cwd, encoding: 'utf8' });
    if (status !== 0) throw new Error(`refit ${args.join(' ')} exited with ${status}: ${stderr}`);
  };
  put(join(b, 'pipelines/m.yaml'), PIPELINE('  approval: manual\n'));
  put(join(b, 'source.txt'), 'first');
  refit(b, 'run', 'm');
  refit(b, 'approve', 'm@1', '--reason', 'fine');
  refit(b, 'note', 'm@1', 'looks good');
  refit(b, 'push', remote);
  put(join(a, 'pipelines/m.yaml'), PIPELINE(''));
  put(join(a, 'source.txt'), 'second');
  refit(a, 'pull', remote);
  refit(a, 'run', 'm');
  refit(a, 'promote', 'm@2', '--reason', 'better');
  refit(a, 'note', 'm@2', 'looks better');
  refit(a, 'event', 'm', '--name', 'storm', '--from', '2026-01-01', '--until', '2026-01-02');
  refit(a, 'push', remote);
  return { b, remote };
}

const HOSTILE = [
  null,
  true,
  -1,
  0,
  1,
  1e308,
  2 ** 53,
  0.5,
  '',
  'x',
  '../../evil',
  '/etc/passwd',
  '.git/config',
  'a/../../b',
  '\u0000',
  '\u202e\u001b[31m',
  'x'.repeat(70_000),
  '__proto__',
  'constructor',
  '2026-02-30T00:00:00.000Z',
  '9999999999',
  '0'.repeat(64),
  'f'.repeat(64),
  'null',
  '[]',
  '{}',
  '{"__proto__":{"x":1}}',
  [],
  {},
  [null],
  [[[[[]]]]],
  { length: 5 },
  "'; DROP TABLE run; --",
  'd-20260101-000000-abcdef',
  'f-00000001',
  '20260101-000000-abcdef',
];

/** Every place in a JSON value, texts that hold JSON themselves included. */
function placesIn(value, path = []) {
  if (typeof value === 'string' && /^[[{]/.test(value)) {
    try {
      return [path, ...placesIn(JSON.parse(value), [...path, JSON_TEXT])];
    } catch {
      return [path];
    }
  }
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, one]) => placesIn(one, [...path, key]))];
}
const JSON_TEXT = Symbol('JSON in a text');

function changeAt(value, [first, ...rest], change) {
  if (first === undefined) return change(value);
  if (first === JSON_TEXT) return JSON.stringify(changeAt(JSON.parse(value), rest, change));
  if (Array.isArray(value))
    return value.flatMap((one, i) => {
      if (String(i) !== first) return [one];
      const made = changeAt(one, rest, change);
      return made === GONE ? [] : made === TWICE ? [one, one] : [made];
    });
  const made = changeAt(value[first], rest, change);
  const others = Object.entries(value).filter(([key]) => key !== first);
  return Object.fromEntries(
    made === GONE
      ? others
      : made === TWICE
        ? [...others, [first, value[first]], [`${first}2`, 1]]
        : Object.entries(value).map(([key, one]) => [key, key === first ? made : one]),
  );
}
const GONE = Symbol('left out');
const TWICE = Symbol('given twice');

function mutated(value, random) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const times = random() < 0.8 ? 1 : 3;
  let made = value;
  for (let i = 0; i < times; i++) {
    const path = pick(placesIn(made));
    const kind = random();
    const change = (old) => {
      if (path.length > 0 && kind < 0.15) return GONE;
      if (path.length > 0 && kind < 0.25) return TWICE;
      if (typeof old === 'string' && kind < 0.4) return old.slice(0, Math.floor(random() * old.length));
      if (typeof old === 'number' && kind < 0.4) return old + pick([1, -1, 1000, 0.5]);
      return pick(HOSTILE);
    };
    try {
      const next = changeAt(made, path, change);
      if (typeof next !== 'symbol') made = next;
    } catch {
      // an earlier change took the place away
    }
  }
  return made;
}

function garbled(text, random) {
  const bytes = Buffer.from(text);
  const kind = random();
  const at = Math.floor(random() * bytes.length);
  if (kind < 0.3) return bytes.subarray(0, at);
  if (kind < 0.5)
    return Buffer.concat([bytes.subarray(0, at), Buffer.from([random() * 256, random() * 256]), bytes.subarray(at)]);
  if (kind < 0.8) {
    bytes[at] = random() * 256;
    return bytes;
  }
  return Buffer.from(
    ['', 'null', '[]', '{}', '"x"', '0', '\ufeff{}', '['.repeat(60_000), '{"a":'.repeat(60_000)][
      Math.floor(random() * 9)
    ],
  );
}

/** The remote with its second entry, one of its bundles or one of its objects changed. Returns what was done. */
function mutateRemote(remote, pristine, random) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const entryPath = join(remote, 'log/000000000002/entry.json');
  const entryText = readFileSync(join(pristine, 'log/000000000002/entry.json'), 'utf8');
  const entry = JSON.parse(entryText);
  const bundleOf = (hash) => join('bundles', hash.slice(0, 2), hash.slice(2));
  const [bundle] = entry.bundles;
  const bundleText = readFileSync(join(pristine, bundleOf(bundle.hash)), 'utf8');
  const withBundle = (bytes, size = bytes.length) => {
    const hash = sha256(bytes);
    put(join(remote, bundleOf(hash)), bytes);
    put(entryPath, JSON.stringify({ ...entry, bundles: [{ hash, bytes: size }] }));
  };
  const withLedger = () => {
    const ledger = [];
    let [previous] = [readFileSync(join(pristine, 'previous-ledger'), 'utf8')];
    for (const { text } of entry.ledger) {
      const changed = JSON.stringify(mutated(JSON.parse(text), random));
      previous = sha256(`${previous}\n${changed}`);
      ledger.push({ text: changed, hash: previous });
    }
    put(entryPath, JSON.stringify({ ...entry, ledger }));
  };
  const withLines = () => {
    const lines = bundleText.split('\n').filter((line) => line !== '');
    const at = Math.floor(random() * lines.length);
    lines[at] = JSON.stringify(mutated(JSON.parse(lines[at]), random));
    withBundle(Buffer.from(`${lines.join('\n')}\n`));
  };
  const withOtherFile = () => {
    const folder = pick(['log/000000000002', 'bundles', 'objects']);
    const path = folder.startsWith('log')
      ? entryPath
      : folder === 'bundles'
        ? join(remote, bundleOf(bundle.hash))
        : pick(filesBelow(join(remote, 'objects')));
    rmSync(path);
    const kind = pick(['fifo', 'folder', 'link', 'big', 'gone', 'other', 'empty']);
    if (kind === 'fifo') execFileSync('mkfifo', [path]);
    if (kind === 'folder') mkdirSync(path);
    if (kind === 'link') symlinkSync('/etc/passwd', path);
    if (kind === 'big') {
      writeFileSync(path, '');
      truncateSync(path, 3e9);
    }
    if (kind === 'other') writeFileSync(path, garbled(bundleText, random));
    if (kind === 'empty') writeFileSync(path, '');
    return `${folder.slice(0, 7)} ${kind}`;
  };
  const kind = random();
  if (kind < 0.2) put(entryPath, JSON.stringify(mutated(entry, random)));
  else if (kind < 0.3) put(entryPath, garbled(entryText, random));
  else if (kind < 0.7) withLines();
  else if (kind < 0.77)
    withBundle(garbled(bundleText, random), random() < 0.3 ? Math.floor(random() * 100) : undefined);
  else if (kind < 0.87) withLedger();
  else return withOtherFile();
  return kind < 0.2
    ? 'entry'
    : kind < 0.3
      ? 'entry text'
      : kind < 0.7
        ? 'fact'
        : kind < 0.77
          ? 'bundle text'
          : 'ledger';
}

const filesBelow = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath ?? one.path, one.name))
    .sort();

/** All that lies in a folder beside `.refit`, with its content. */
function pictureOf(folder) {
  const lines = [];
  const walk = (path) => {
    for (const name of readdirSync(join(folder, path)).sort()) {
      const below = path === '' ? name : `${path}/${name}`;
      if (below === '.refit') continue;
      const found = lstatSync(join(folder, below));
      if (found.isDirectory()) walk(below);
      else
        lines.push(
          `${below} ${found.isSymbolicLink() ? readlinkSync(join(folder, below)) : found.isFile() ? sha256(readFileSync(join(folder, below))) : 'other'}`,
        );
    }
  };
  walk('');
  return lines.join('\n');
}

function restoreFolder(from, to) {
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });
}

const load = (path) => import(pathToFileURL(join(PROJECT, 'dist', path)).href);

/** One pull in this process, then what people read of it. Returns the exit code that the program would have. */
async function pullHere(b, remote) {
  const { openServices } = await load('cli/services.js');
  process.chdir(b);
  const nothing = () => undefined;
  const output = { emit: nothing, warn: nothing, show: nothing, fail: nothing, write: async () => true };
  const signal = new AbortController().signal;
  const opened = await openServices({ workspace: 'write', signal, isVerbose: false, isQuiet: true }, output);
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  try {
    return await pullWith(opened.value, remote);
  } finally {
    await opened.value[Symbol.asyncDispose]();
  }
}

async function pullWith(services, remote) {
  const [{ pull }, { exitCodeOf }, { status }, { why }, { listModels }, { served }] = await Promise.all(
    [
      'remote/pull.js',
      'cli/exit-codes.js',
      'status/status.js',
      'lineage/why.js',
      'models/list-models.js',
      'serving/served.js',
    ].map(load),
  );
  const done = await pull(services, { text: remote, path: remote }, { isAll: true, isNew: false });
  if (!done.ok) return exitCodeOf(done.error);
  const now = services.clock.now();
  const views = [
    await status(services, undefined, { now, isNowGiven: false }),
    listModels(services, 'm'),
    served(services, 'm', now),
    await why(services, 'm@1', { path: 'm@1', isFolder: false, folder: services.files }),
    await why(services, 'm@2', { path: 'm@2', isFolder: false, folder: services.files }),
  ];
  for (const one of views) if (one.ok) JSON.stringify((one.value.view ?? one.value).json);
  return 0;
}

function pullByProgram(b, remote) {
  const run = (...args) =>
    spawnSync(process.execPath, [PROGRAM, ...args], { cwd: b, encoding: 'utf8', timeout: 60_000 });
  const first = run('pull', remote, '--all');
  if (first.status === 70 || first.status === null) throw new Error(first.stderr);
  if (first.status !== 0) return first.status;
  for (const args of [['status'], ['models', 'm'], ['why', 'm@2'], ['runs'], ['verify']]) {
    const read = run(...args);
    if (read.status === 70 || read.status === null) throw new Error(`refit ${args.join(' ')}: ${read.stderr}`);
  }
  return 0;
}

const countsOf = (b) =>
  execFileSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `
    import Database from ${JSON.stringify(pathToFileURL(join(PROJECT, 'node_modules/better-sqlite3/lib/index.js')).href)};
    const db = new Database(${JSON.stringify(join(b, '.refit/registry.db'))}, { readonly: true });
    console.log(db.prepare("SELECT hash FROM ledger_entry ORDER BY sequence DESC").get().hash);
  `,
    ],
    { encoding: 'utf8' },
  ).trim();

const base = mkdtempSync(join(tmpdir(), 'refit-fuzz-'));
try {
  const { b, remote } = build(base);
  const [pristineB, pristineRemote] = [join(base, 'pristine-b'), join(base, 'pristine-remote')];
  writeFileSync(join(remote, 'previous-ledger'), countsOf(b));
  restoreFolder(b, pristineB);
  restoreFolder(remote, pristineRemote);
  const picture = pictureOf(b);
  const outside = pictureOf(join(base, 'a'));
  const random = generator(SEED);
  const summary = { mutants: 0, programs: 0, exits: {}, kinds: {}, crashes: [], written: [], seed: SEED };
  for (let i = 0; i < COUNT + PROGRAMS; i++) {
    const isProgram = i >= COUNT;
    const kind = mutateRemote(remote, pristineRemote, random);
    summary.kinds[kind] = (summary.kinds[kind] ?? 0) + 1;
    summary[isProgram ? 'programs' : 'mutants']++;
    let exit;
    try {
      exit = isProgram ? pullByProgram(b, remote) : await pullHere(b, remote);
    } catch (error) {
      exit = 70;
      if (summary.crashes.length < 20)
        summary.crashes.push(`${i} ${kind}: ${String(error?.stack ?? error).slice(0, 600)}`);
      if (process.env.FUZZ_KEEP !== undefined) restoreFolder(remote, `${process.env.FUZZ_KEEP}-${i}`);
    }
    summary.exits[exit] = (summary.exits[exit] ?? 0) + 1;
    if (pictureOf(b) !== picture || pictureOf(join(base, 'a')) !== outside || readdirSync(base).length !== 5)
      summary.written.push(`${i} ${kind}`);
    if (exit === 0 || exit === 70 || pictureOf(b) !== picture) restoreFolder(pristineB, b);
    restoreFolder(pristineRemote, remote);
    if ((i + 1) % (Number(process.env.FUZZ_EVERY) || 500) === 0)
      process.stderr.write(`${i + 1} ${JSON.stringify(summary.exits)}\n`);
  }
  process.chdir(PROJECT);
  process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
  process.exitCode = summary.crashes.length + summary.written.length + (summary.exits[70] ?? 0) > 0 ? 1 : 0;
  if (!existsSync(base)) process.exitCode = 1;
} finally {
  process.chdir(PROJECT);
  rmSync(base, { recursive: true, force: true });
}
