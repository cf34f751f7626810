// Runs commands once for each of their calls to the disk, and lets that call fail. Needs strace.
//   node test/crash/faults/inject.mjs [--sample N] [--seed N] [--only run,promote] [--place registry.db-wal] [--every] [--report FILE]
// Each call fails with one of its errors, chosen by the seed; with --every it fails with each of them.
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BIN, copyOf, prepare, refit, removeBoxes, SCENARIOS } from './scenarios.mjs';

/** The calls that fail, and what a disk may say at each. */
const ERRORS = {
  write: ['ENOSPC', 'EIO'],
  pwrite64: ['ENOSPC', 'EIO'],
  fsync: ['EIO', 'ENOSPC'],
  fdatasync: ['EIO', 'ENOSPC'],
  rename: ['EIO', 'ENOSPC', 'EROFS'],
  unlink: ['EIO', 'EROFS'],
  openat: ['EMFILE', 'EIO', 'ENOSPC', 'EROFS'],
  mkdir: ['ENOSPC', 'EROFS', 'EIO'],
};
/** A call that only reads never hears these. */
const OF_WRITERS = new Set(['ENOSPC', 'EROFS']);
const CALLS = Object.keys(ERRORS).join(',');

const { values } = parseArgs({
  options: {
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: Object.keys(SCENARIOS).join(',') },
    place: { type: 'string', default: '' },
    every: { type: 'boolean', default: false },
    report: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});

/** Mulberry32. */
function randomOf(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
const random = randomOf(Number(values.seed));

/** Runs the command under strace. `-b execve` lets go of a process that becomes another program: steps and git are left alone. */
async function traced({ box, cwd, args }, injected = []) {
  const log = join(box, 'strace.log');
  const options = ['-f', '-y', '-qq', '-b', 'execve', '-s', '256', '-e', `trace=${CALLS}`, '-e', 'signal=none'];
  const ended = await refit(cwd, args, ['strace', ...options, ...injected, '-o', log, process.execPath, BIN]);
  return { ...ended, calls: callsOf(readFileSync(log, 'utf8'), cwd) };
}

/** strace splits a call that another thread interrupts: the part where it begins has the place, the end says whether it failed. */
function callsOf(log, cwd) {
  const begun = new Map();
  return log.split('\n').flatMap((line) => {
    const [, thread = '', text = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    if (text.endsWith('<unfinished ...>')) {
      begun.set(thread, text.replace(' <unfinished ...>', ''));
      return [];
    }
    const [, rest] = /^<\.\.\. \w+ resumed>(.*)$/.exec(text) ?? [];
    const whole = rest === undefined ? text : `${begun.get(thread) ?? ''}${rest}`;
    const name = /^(\w+)\(/.exec(whole)?.[1] ?? '';
    return ERRORS[name] === undefined ? [] : [{ thread, name, text: whole, files: filesOf(name, whole, cwd) }];
  });
}

/** The files of a call: the paths that it names, or the one behind its descriptor. */
function filesOf(name, text, cwd) {
  const isNaming = ['rename', 'unlink', 'openat', 'mkdir'].includes(name);
  const found = isNaming
    ? [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, path]) => path)
    : [/^\w+\(\d+<([^>]*)>/.exec(text)?.[1] ?? ''];
  return found.map((path) => (path.startsWith('/') ? path : join(cwd, path)));
}

const isOurs = (file, box) =>
  file.startsWith(`${box}/`) && !file.startsWith(join(box, 'strace')) && !/anon_inode:|pipe:|socket:/.test(file);

/** Names that are others in every run: of runs, processes and what is staged. */
const CHANGING = /\d{8}-\d{6}|[0-9a-f]{8}-[0-9a-f]{4}-|\.\d{2,}$|-\d{2,}-|holder/;

/**
 * The calls of a trace on files of the scenario, each with its number: among the calls of its thread on that file, or, if the
 * file has another name each time, among all of its name.
 */
function pointsOf(calls, box) {
  const counts = new Map();
  const next = (key) => {
    counts.set(key, (counts.get(key) ?? 0) + 1);
    return counts.get(key);
  };
  return calls.flatMap(({ thread, name, text, files }) => {
    const number = next(`${thread} ${name}`);
    const numbers = new Map([...new Set(files)].map((file) => [file, next(`${thread} ${name} ${file}`)]));
    const file = files.at(-1);
    if (file === undefined || !isOurs(file, box)) return [];
    const place = file.slice(box.length + 1);
    const isWriting = name !== 'openat' || /O_WRONLY|O_RDWR|O_CREAT/.test(text);
    // strace looks for the old path of a rename only
    const at = name === 'rename' || CHANGING.test(place) ? { number } : { number: numbers.get(file), only: place };
    return [{ name, place, isWriting, ...at }];
  });
}

const withErrors = (point) => {
  const errors = ERRORS[point.name].filter((error) => point.isWriting || !OF_WRITERS.has(error));
  return (values.every ? errors : [errors[Math.floor(random() * errors.length)]]).map((error) => ({ ...point, error }));
};

/** One of each kind of call and file, then a second of each, and so on: most calls are writes of SQLite. */
function sampleOf(points, count) {
  const shuffled = points.map((point) => ({ point, order: random() })).sort((a, b) => a.order - b.order);
  const seen = new Map();
  const ranked = shuffled.map(({ point }) => {
    const kind = `${point.name} ${point.place.replace(/[0-9a-f]{6,}|\d+/g, '#')}`;
    seen.set(kind, (seen.get(kind) ?? 0) + 1);
    return { point, rank: seen.get(kind) };
  });
  const chosen = ranked.sort((a, b) => a.rank - b.rank).slice(0, count);
  return chosen.map(({ point }) => point);
}

async function tryPoint(prepared, point, reached) {
  const copy = copyOf(prepared);
  try {
    const where = point.only === undefined ? [] : ['-P', join(copy.box, point.only)];
    const what = `inject=${point.name}:error=${point.error}:when=${point.number}`;
    const ended = await traced(copy, [...where, '-e', what]);
    const hit = ended.calls.filter(({ text }) => text.includes('(INJECTED)')).flatMap(({ files }) => files.slice(-1));
    if (hit.length === 0) return { kind: 'missed' };
    // the same number in another thread, or a module that Node reads
    if (!hit.every((file) => isOurs(file, copy.box))) return { kind: 'elsewhere' };
    const problems = [...problemsOf(ended, copy), ...lossesOf(ended, copy, reached)];
    for (const args of ended.exit === 0 ? [copy.next, ['verify']] : [copy.next, ['verify'], ['status']]) {
      const next = await refit(copy.cwd, args);
      const accepted = args === copy.next ? ACCEPTED_NEXT : [0];
      if (!accepted.includes(next.exit))
        problems.push(`then refit ${args[0]} ended with ${next.exit}: ${briefly(next)}`);
    }
    if (stateOf(copy.cwd).leftovers.length > 0) problems.push(`left: ${stateOf(copy.cwd).leftovers.join(' ')}`);
    return {
      kind: problems.length === 0 ? 'good' : 'bad',
      problems,
      exit: ended.exit,
      said: ended.stderr + ended.stdout,
      hit,
    };
  } finally {
    rmSync(copy.box, { recursive: true, force: true });
  }
}

/** A promotion that was done before the fault is not done again, which is said with exit code 5. */
const ACCEPTED_NEXT = [0, 5];

function problemsOf({ exit, stdout, stderr }, { box }) {
  const problems = [];
  const words = stderr.replace(/^strace: .*\n/gm, '');
  if (/This is a bug|Unhandled|^ +at .*(file:|node:|native)/m.test(words + stdout)) problems.push('a stack trace');
  if (![0, 1, 7].includes(exit)) problems.push(`exit ${exit}`);
  // a reader answers with its verdict of what it could not read
  const isVerdict = exit === 7 && stdout.includes('expected');
  if (isVerdict) return problems;
  if (exit !== 0 && !/error /.test(words)) problems.push(`exit ${exit} without an error`);
  if (
    exit !== 0 &&
    !words.includes(box) &&
    !/\.refit|serving|share|out|pipelines|model|train\.json|stored object|too-many-open-files/.test(words)
  )
    problems.push('no path in the message');
  return problems;
}

/** What must hold whatever failed: what serves is whole, and a command that says that it worked has done its work. */
function lossesOf({ exit }, { cwd }, reached) {
  const state = stateOf(cwd);
  const problems = [];
  if (state.link !== undefined && !state.isServed) problems.push('the link leads nowhere');
  for (const key of ['link', 'model', 'entries'])
    if (exit === 0 && state[key] !== reached[key])
      problems.push(`exit 0, and ${key} is ${state[key]}, not ${reached[key]}`);
  return problems;
}

function stateOf(cwd) {
  const place = join(cwd, 'serving/m');
  const link =
    existsSync(place) && readdirSync(place).includes('current') ? readlinkSync(join(place, 'current')) : undefined;
  const log = join(cwd, '../share/log');
  return {
    link,
    isServed: existsSync(join(place, 'current', 'refit.json')) && existsSync(join(place, 'current', 'model.txt')),
    model: existsSync(join(cwd, 'model.txt')) ? readFileSync(join(cwd, 'model.txt'), 'utf8') : undefined,
    entries: existsSync(log) ? readdirSync(log).length : 0,
    leftovers: existsSync(join(place, 'versions'))
      ? readdirSync(join(place, 'versions')).filter((name) => name.startsWith('.staging-'))
      : [],
  };
}

const briefly = ({ stderr, stdout }) => (stderr || stdout).split('\n').slice(0, 3).join(' | ');

const counts = { points: 0, good: 0, bad: 0, missed: 0, elsewhere: 0 };
const found = [];

function note(name, point, result) {
  counts.points++;
  counts[result.kind]++;
  if (result.kind !== 'good' && result.kind !== 'bad') return;
  found.push({ scenario: name, ...point, ...result });
  if (!values.verbose && result.kind === 'good') return;
  const said = result.said.split('\n').filter((line) => line !== '' && !line.startsWith('strace:'));
  const lines = said
    .slice(-14)
    .map((line) => `    ${line}\n`)
    .join('');
  const call = `${point.name} ${point.number} ${point.error} ${result.hit.map((file) => file.replace(/^\/tmp\/[^/]+\//, '')).join(' ')}`;
  process.stdout.write(`${result.kind} ${name}: ${call}: exit ${result.exit}; ${result.problems.join('; ')}\n${lines}`);
}

const names = values.only.split(',');
for (const [i, name] of names.entries()) {
  const prepared = await prepare(name);
  const plain = copyOf(prepared);
  const trace = await traced(plain);
  if (trace.exit !== 0) throw new Error(`${name} ended with ${trace.exit} without a fault\n${trace.stderr}`);
  const reached = stateOf(plain.cwd);
  rmSync(plain.box, { recursive: true });
  const all = pointsOf(trace.calls, plain.box)
    .filter((point) => point.place.endsWith(values.place))
    .flatMap(withErrors);
  const share =
    Math.floor((Number(values.sample) * (i + 1)) / names.length) -
    Math.floor((Number(values.sample) * i) / names.length);
  const points = values.sample === undefined ? all : sampleOf(all, share);
  // two at a time: most of the time of a point is spent waiting
  for (let at = 0; at < points.length; at += 2)
    await Promise.all(
      points.slice(at, at + 2).map(async (point) => note(name, point, await tryPoint(prepared, point, reached))),
    );
  process.stdout.write(`${name}: ${points.length} of ${all.length} calls\n`);
}
removeBoxes();
process.stdout.write(`${JSON.stringify(counts)}\n`);
if (values.report !== undefined) writeFileSync(values.report, JSON.stringify(found, undefined, 1));
process.exitCode = counts.bad === 0 ? 0 : 1;
