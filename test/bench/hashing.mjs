// Hashing and storing against floors measured in the same run: `npm run build && node test/bench/hashing.mjs`.
// Exits 1 when a limit is missed. REFIT_BENCH_MIB (default 4096) sizes the large files: 0.5 GiB each, eight of them.
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStatCache } from '../../dist/artifacts/hashing/stat-cache.js';
import { createArtifactStore } from '../../dist/artifacts/store.js';

const ROUNDS = 3;
const SETTLED_MS = 300;
const root = mkdtempSync(join(tmpdir(), 'refit-bench-'));
const rows = [];

// Where others use the cores, wall time says how long one waited for them: then the busiest thread's own time counts. It
// flatters the floors, which wait for the disk and for each other.
const isLoaded = existsSync('/proc/self/task') && loadavg()[0] > availableParallelism();

/** Nanoseconds that each thread of this process has run. */
const runTimes = () =>
  new Map(
    readdirSync('/proc/self/task').map((thread) => [
      thread,
      Number(readFileSync(`/proc/self/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
    ]),
  );

/** Seconds. */
async function timed(run) {
  const before = isLoaded ? runTimes() : undefined;
  const from = performance.now();
  await run();
  if (before === undefined) return (performance.now() - from) / 1000;
  return Math.max(...[...runTimes()].map(([thread, ns]) => ns - (before.get(thread) ?? 0))) / 1e9;
}

/** Best of some rounds, floor and measured by turns: what else the machine does hits both. */
async function compare(floor, measured) {
  const [floors, times] = [[], []];
  for (let i = 0; i < ROUNDS; i++) {
    floors.push(await timed(floor));
    times.push(await timed(measured));
  }
  return { floor: Math.min(...floors), measured: Math.min(...times) };
}

/** `faster`: the floor must be at least so many times the measured time; `slower`: at most so many times the floor. */
function judge(name, times, { faster, slower, seconds = Infinity }) {
  const [floor, measured] = [times.floor, times.measured].map((time) => Math.max(time, 1e-6));
  const ratio = faster === undefined ? measured / floor : floor / measured;
  const isMet = (faster === undefined ? ratio <= (slower ?? Infinity) : ratio >= faster) && measured <= seconds;
  const limits = [
    ...(faster === undefined ? [] : [`>= ${faster} x faster`]),
    ...(slower === undefined ? [] : [`<= ${slower} x floor`]),
    ...(seconds === Infinity ? [] : [`<= ${seconds} s`]),
  ];
  rows.push([
    name,
    measured.toFixed(3),
    floor.toFixed(3),
    ratio.toFixed(2),
    limits.join(', '),
    isMet ? 'met' : 'MISSED',
  ]);
}

/** Runs with a store whose stat cache knows nothing. */
async function withNewCache(run) {
  const cache = openStatCache(join(mkdtempSync(join(root, 'cache-')), 'cache.db'));
  await run(createArtifactStore(root, () => cache));
  cache[Symbol.dispose]();
}

async function oneStream(paths) {
  for (const path of paths) {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(join(root, path), { highWaterMark: 1 << 20 })) hash.update(chunk);
    hash.digest('hex');
  }
}

async function asyncLoop(paths) {
  for (const path of paths)
    createHash('sha256')
      .update(await readFile(join(root, path)))
      .digest('hex');
}

const statAll = (paths) => {
  for (const path of paths) statSync(join(root, path));
};

function makeSmall(folder, count) {
  const paths = Array.from({ length: count }, (_, i) => `${folder}/${i % 50}/${i}.txt`);
  for (let i = 0; i < 50; i++) mkdirSync(join(root, folder, String(i)), { recursive: true });
  for (const path of paths) writeFileSync(join(root, path), `${path} `.repeat(20) + randomBytes(8).toString('hex'));
  return paths;
}

async function hashUnchanged(name, { paths, files = paths }, seconds) {
  const cache = openStatCache(join(mkdtempSync(join(root, 'cache-')), 'cache.db'));
  const store = createArtifactStore(root, () => cache);
  await store.hash(paths);
  judge(
    name,
    await compare(
      () => statAll(files),
      () => store.hash(paths),
    ),
    { seconds },
  );
  cache[Symbol.dispose]();
}

async function benchLarge() {
  const mib = Number(process.env.REFIT_BENCH_MIB ?? 4096);
  const paths = Array.from({ length: 8 }, (_, i) => `large-${i}`);
  for (const path of paths) {
    writeFileSync(join(root, path), path);
    truncateSync(join(root, path), (mib / 8) * 1024 * 1024);
  }
  await oneStream(paths);
  const first = await compare(
    () => oneStream(paths),
    () => withNewCache((store) => store.hash(paths)),
  );
  judge(`first hash of ${mib} MiB in 8 files / one stream`, first, { faster: 1.7 });
  await hashUnchanged(`the same, unchanged / stats`, { paths }, 0.02);
  for (const path of paths) rmSync(join(root, path));
}

async function benchSmall() {
  const paths = makeSmall('small', 50_000);
  await sleep(SETTLED_MS);
  const some = paths.slice(0, 10_000);
  const first = await compare(
    () => asyncLoop(some),
    () => withNewCache((store) => store.hash(some)),
  );
  judge('first hash of 10,000 small files / async loop', first, { faster: 4 });
  await hashUnchanged('50,000 unchanged small files / stats', { paths }, 0.7);
  await hashUnchanged('50,000 unchanged in one folder / stats', { paths: ['small'], files: paths }, 0.9);
  await hashUnchanged('3,000 unchanged (1,000 steps) / stats', { paths: paths.slice(0, 3000) }, 0.06);
}

/** What every durable small write costs. */
function writeNaively(folder, count) {
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < count; i++) {
    const file = openSync(join(folder, `${i}.tmp`), 'w');
    writeSync(file, `${folder} ${i}`);
    fsyncSync(file);
    closeSync(file);
    renameSync(join(folder, `${i}.tmp`), join(folder, String(i)));
    const held = openSync(folder, 'r');
    fsyncSync(held);
    closeSync(held);
  }
}

async function benchSave() {
  let round = 0;
  const one = await compare(
    () => writeNaively(join(root, `floor-${round++}`), 500),
    () =>
      withNewCache(async (store) => {
        for (const i of Array(500).keys()) await store.saveText(`text ${round} ${i}`);
      }),
  );
  judge('500 saves one by one / 500 durable writes', one, { slower: 1.6 });
  for (let i = 0; i < ROUNDS; i++) makeSmall(`folder-${i}`, 2000);
  let at = 0;
  const folder = await compare(
    () => writeNaively(join(root, `floor-f${at}`), 2000),
    () => withNewCache((store) => store.save(`folder-${at++}`)),
  );
  judge('save of a folder of 2,000 files / 2,000 durable writes', folder, { slower: 0.8 });
  const store = createArtifactStore(root, () => openStatCache(':memory:'));
  const saved = await store.save('folder-0');
  const back = await compare(
    () => writeNaively(join(root, `floor-r${at}`), 2000),
    () => store.restore(saved.value.hash, `back-${at++}`),
  );
  judge('restore of it / 2,000 durable writes', back, { slower: 0.8 });
}

function print() {
  const kind = isLoaded ? 'busiest thread: the machine is loaded' : 'wall';
  process.stdout.write(`times: ${kind}\n`);
  const table = [['what / floor', 'measured s', 'floor s', 'ratio', 'limit', ''], ...rows];
  const widths = table[0].map((_, i) => Math.max(...table.map((row) => row[i].length)));
  for (const row of table)
    process.stdout.write(
      `${row
        .map((cell, i) => cell.padEnd(widths[i]))
        .join('  ')
        .trimEnd()}\n`,
    );
}

try {
  await benchLarge();
  await benchSmall();
  await benchSave();
} finally {
  rmSync(root, { recursive: true, force: true });
}
print();
process.exitCode = rows.every((row) => row.at(-1) === 'met') ? 0 : 1;
