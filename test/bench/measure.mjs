// What the benchmarks share: whole processes timed in turns, and a table of ratios that can fail.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { execa } from 'execa';

const PROJECT = resolve(import.meta.dirname, '../..');
export const REFIT = join(PROJECT, 'bin/refit.js');

const made = [];
process.on('exit', () => {
  for (const root of made) rmSync(root, { recursive: true, force: true });
});

/** A folder of its own with these files, removed when the process ends. */
export function workspace(files = {}) {
  const root = mkdtempSync(join(process.env.REFIT_BENCH_TMP ?? tmpdir(), 'refit-bench-'));
  made.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** Seconds of wall clock for one process from start to end; its failure ends the benchmark. */
export function timeOnce(cwd, argv, env = {}) {
  const started = process.hrtime.bigint();
  const ended = spawnSync(argv[0], argv.slice(1), {
    cwd,
    env: { ...process.env, NO_COLOR: '1', ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (ended.status !== 0)
    throw new Error(`${argv.join(' ')} exited with ${ended.status}\n${ended.stdout}\n${ended.stderr}`);
  return seconds;
}

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Contestants in turns, so that a noisy minute hits all of them; seconds by name, one entry a round. */
export function inTurns(rounds, contestants) {
  const seconds = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const [name, run] of Object.entries(contestants)) seconds[name].push(run());
  return seconds;
}

/** Peak resident memory in MiB of a Node program. */
export function peakMemory(cwd, argv) {
  const root = workspace();
  const report = join(root, 'peak');
  const hook = join(root, 'hook.mjs');
  writeFileSync(
    hook,
    `import { writeFileSync } from 'node:fs';
process.on('exit', () => writeFileSync(${JSON.stringify(report)}, String(process.resourceUsage().maxRSS)));`,
  );
  timeOnce(cwd, [process.execPath, '--import', hook, ...argv]);
  return Number(readFileSync(report, 'utf8')) / 1024;
}

/** Bytes that a process and its children read through system calls (Linux). */
export function bytesRead(cwd, argv) {
  const child = spawnSync('sh', ['-c', '"$@" >/dev/null 2>&1; cat /proc/$$/io', 'sh', ...argv], {
    cwd,
    encoding: 'utf8',
  });
  return Number(/^rchar: (\d+)/m.exec(child.stdout)?.[1]);
}

/** Runs `count` commands through execa with its default options, `parallel` at a time: the least that a runner can cost. */
export async function execaLoop(cwd, count, parallel, argvOf) {
  const started = process.hrtime.bigint();
  let next = 0;
  const lane = async () => {
    for (let i = next++; i < count; i = next++) {
      const [file, ...args] = argvOf(i);
      await execa(file, args, { cwd });
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  return Number(process.hrtime.bigint() - started) / 1e9;
}

/** Rows of a benchmark: `limit` is the largest value that passes, `least` the smallest. */
export function createTable(title) {
  const rows = [];
  console.log(`\n${title}`);
  return {
    add: ({ what, measured, against = '', value, limit, least }) => {
      const isMet = (limit === undefined || value <= limit) && (least === undefined || value >= least);
      rows.push(isMet);
      const bound = limit !== undefined ? `<= ${limit}` : least !== undefined ? `>= ${least}` : '';
      console.log(
        `  ${isMet ? 'ok  ' : 'MISS'}  ${what.padEnd(52)} ${measured.padEnd(12)} ${against.padEnd(30)} ${value.toFixed(2).padStart(8)}  ${bound}`,
      );
    },
    skip: (what, why) => console.log(`  skip  ${what}: ${why}`),
    end: () => {
      if (rows.includes(false)) process.exitCode = 1;
    },
  };
}

export const seconds = (value) => `${value.toFixed(3)} s`;
