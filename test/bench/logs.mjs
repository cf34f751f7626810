/**
 * What printing costs: peak memory of refit while a step prints 2 GB, against a step that prints nothing.
 *
 *     npm run build && node test/bench/logs.mjs [bytes]
 *
 * Exits with 1 where refit grew by more than 50 MiB, or the log is not whole.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const BIN = resolve(import.meta.dirname, '../../bin/refit.js');
const BYTES = Number(process.argv[2] ?? 2e9);
const MOST_GROWTH_MIB = 50;

const LINES = `yes ${'x'.repeat(199)} | head -c ${BYTES}`;
const ONE_LINE = `tr '\\0' x < /dev/zero | head -c ${BYTES}`;
const CASES = [
  { name: 'prints nothing', run: 'sleep 1', bytes: 0 },
  { name: 'lines, into the log', run: LINES },
  { name: 'one line, into the log', run: ONE_LINE },
  { name: 'lines, masked', run: LINES, secrets: true },
  { name: 'one line, masked', run: ONE_LINE, secrets: true },
  { name: 'lines, shown', run: LINES, args: ['--verbose'] },
  { name: 'one line, shown', run: ONE_LINE, args: ['--verbose'] },
  { name: 'lines, masked, shown', run: LINES, secrets: true, args: ['--verbose'] },
];

/** Peak resident memory, which the kernel keeps, read until the process is gone. */
function peakKib(pid) {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

async function measure({ name, run, secrets = false, args = [], bytes = BYTES }) {
  const root = mkdtempSync(join(tmpdir(), 'refit-bench-'));
  try {
    mkdirSync(join(root, 'pipelines'));
    const secret = secrets ? ', secrets: [TOKEN]' : '';
    writeFileSync(
      join(root, 'pipelines/p.yaml'),
      `pipeline: p\nsteps:\n  s: { run: ${JSON.stringify(run)}, inputs: [], outputs: []${secret} }\n`,
    );
    const startedAt = performance.now();
    const env = { ...process.env, TOKEN: 'xxxxxxxxxy-token' };
    const child = spawn(process.execPath, [BIN, 'run', 'p', ...args], { cwd: root, env, stdio: 'ignore' });
    let peak = 0;
    const timer = setInterval(() => {
      peak = Math.max(peak, peakKib(child.pid));
    }, 20);
    const exit = await new Promise((done) => child.once('exit', done));
    clearInterval(timer);
    const [id] = readdirSync(join(root, '.refit/logs'));
    const { size } = statSync(join(root, '.refit/logs', id, 's.1.log'));
    return {
      name,
      exit,
      peakMib: peak / 1024,
      seconds: (performance.now() - startedAt) / 1000,
      isWhole: size === bytes,
    };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const say = (line) => process.stdout.write(`${line}\n`);

let silent;
let hasMissed = false;
say(`${'step'.padEnd(24)} ${'peak MiB'.padStart(9)} ${'grown by'.padStart(9)} ${'seconds'.padStart(8)}`);
for (const one of CASES) {
  const { name, exit, peakMib, seconds, isWhole } = await measure(one);
  silent ??= peakMib;
  const grown = peakMib - silent;
  const isGood = exit === 0 && isWhole && grown <= MOST_GROWTH_MIB;
  hasMissed ||= !isGood;
  const said = exit === 0 ? (isWhole ? '' : '  the log is not whole') : `  exit ${exit}`;
  say(
    `${name.padEnd(24)} ${peakMib.toFixed(1).padStart(9)} ${grown.toFixed(1).padStart(9)} ${seconds.toFixed(1).padStart(8)}${said}`,
  );
}
process.exitCode = hasMissed ? 1 : 0;
