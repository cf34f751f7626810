import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, utimesSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRig, isRunning, type Rig } from '../support/rig.js';

const COPY: Readonly<Record<string, string>> = {
  'pipelines/p.yaml':
    'pipeline: p\nsteps:\n  a: { run: echo a >> ran.txt; cp in.txt a.txt, inputs: [in.txt], outputs: [a.txt] }\n',
  'in.txt': 'one',
};

const HOUR_MS = 3_600_000;
const setTimes = (rig: Rig, path: string, offsetMs: number): void => {
  const at = new Date(Date.now() + offsetMs);
  utimesSync(join(rig.root, path), at, at);
};

/** Shifts every time in the registry, as if all of it had been written that many hours later. */
function shiftHistory(rig: Rig, hours: number): void {
  const shifted = (column: string): string => `${column} = strftime('%Y-%m-%dT%H:%M:%fZ', ${column}, '${hours} hours')`;
  rig.update(`UPDATE run SET ${['started_at', 'finished_at', 'now'].map(shifted).join(', ')};
    UPDATE step_execution SET ${['started_at', 'finished_at'].map(shifted).join(', ')};`);
}

it('judges files by their bytes, whether their times lie in the future or in the past', async () => {
  using rig = createRig(COPY);
  setTimes(rig, 'in.txt', HOUR_MS);
  await rig.json(0, 'run', 'p');
  setTimes(rig, 'in.txt', -HOUR_MS);
  expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('skip');
  rig.write({ 'in.txt': 'two' });
  setTimes(rig, 'in.txt', HOUR_MS);
  expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('run');
  setTimes(rig, 'in.txt', -24 * HOUR_MS);
  setTimes(rig, 'a.txt', HOUR_MS);
  expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('run');
  await rig.json(0, 'run', 'p');
  expect(rig.read('a.txt')).toBe('two');
});

it('deletes nothing and reports nothing as fresh by mistake after the clock was an hour ahead and is set back', async () => {
  using rig = createRig(COPY);
  await rig.json(0, 'run', 'p');
  shiftHistory(rig, 1);
  expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('skip');
  rig.write({ 'in.txt': 'two' });
  const second = await rig.json(0, 'run', 'p');
  expect(second.run.steps[0].status).toBe('succeeded');
  expect(rig.read('a.txt')).toBe('two');
  // The newest run is the last one recorded, even if an earlier run has a later time.
  expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('skip');
  rig.write({ 'in.txt': 'three' });
  expect((await rig.json(0, 'plan', 'p')).steps[0].reasons).toMatchObject([{ code: 'input-changed' }]);
  rig.write({ 'in.txt': 'one' });
  expect((await rig.json(0, 'run', 'p')).run.steps[0].status).toBe('restored');
  expect(rig.read('a.txt')).toBe('one');
  expect((await rig.json(0, 'runs')).runs).toHaveLength(3);
});

it('restores outputs and marks the run as lost when the clock goes back before the repair', async () => {
  using rig = createRig(COPY);
  await rig.json(0, 'run', 'p');
  rig.update(`UPDATE run SET status = 'running', process_json = '${identity({ pid: 1, startTime: 'of another' })}'`);
  shiftHistory(rig, 2);
  const ended = await rig.refit('run', 'p');
  expect(ended.exit).toBe(0);
  expect((await rig.json(0, 'runs')).runs.map((run: { status: string }) => run.status).sort()).toEqual([
    'lost',
    'succeeded',
  ]);
  expect(rig.read('a.txt')).toBe('one');
});

/** The environment that `faketime` sets to put a program's clock an hour ahead; undefined where it is not installed. */
function hourAhead(): Record<string, string> | undefined {
  try {
    const listed = execFileSync('faketime', ['-f', '+1h', 'env'], { encoding: 'utf8', stdio: 'pipe' });
    return Object.fromEntries([...listed.matchAll(/^(LD_PRELOAD|FAKETIME\w*)=(.*)$/gm)].map(([, k, v]) => [k, v]));
  } catch {
    return undefined;
  }
}

const ahead = hourAhead();
const whyNot = ahead === undefined ? ' (skipped: no faketime here)' : '';

it.skipIf(ahead === undefined)(`stays correct when the clock goes back an hour between two runs${whyNot}`, async () => {
  const env = { ...ahead };
  using rig = createRig(COPY, env);
  const first = await rig.json(0, 'run', 'p');
  expect(Date.parse(first.run.started_at)).toBeGreaterThan(Date.now() + HOUR_MS / 2);
  for (const name of Object.keys(env)) delete env[name];
  expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('skip');
  rig.write({ 'in.txt': 'two' });
  expect((await rig.json(0, 'run', 'p')).run.steps[0].status).toBe('succeeded');
  expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('skip');
});

interface Identity {
  readonly pid: number;
  readonly startTime?: string;
  readonly bootId?: string;
}

const statOf = (pid: number): string => {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
};

/** A process identity as refit records it. The default is the true identity of the process. */
function identity({ pid, startTime, bootId }: Identity): string {
  return JSON.stringify({
    pid,
    startTime: startTime ?? statOf(pid),
    bootId: bootId ?? readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    host: hostname(),
  });
}

/** Leaves a run as a crash does: the run and its attempt are recorded as running, as the given processes. */
async function crashed(rig: Rig, refit: string, step: string): Promise<void> {
  await rig.json(0, 'run', 'p');
  rig.update(`UPDATE run SET status = 'running', finished_at = NULL, process_json = '${refit}';
    UPDATE step_execution SET status = 'running', finished_at = NULL, is_remembered = 0, fingerprint = NULL;
    UPDATE attempt SET finished_at = NULL, outcome_json = NULL, process_json = '${step}';`);
}

for (const [what, changed] of [
  ['has been reused', { startTime: '1' }],
  ['is from another boot', { bootId: '00000000-0000-0000-0000-000000000000' }],
  ['belongs to an unrelated process', {}],
] as const)
  it(`kills no process when the pid of a dead run's step ${what}: the run is lost, the next run succeeds`, async () => {
    using rig = createRig(COPY);
    const bystander = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' });
    try {
      const pid = bystander.pid ?? 0;
      await crashed(rig, identity({ pid, startTime: '1' }), identity({ pid, ...changed }));
      const ended = await rig.refit('run', 'p', '--json');
      expect(ended.exit).toBe(0);
      expect(ended.stderr).toContain('marked lost');
      expect(JSON.parse(ended.stdout).run.status).toBe('succeeded');
      expect(isRunning(pid)).toBe(true);
    } finally {
      bystander.kill('SIGKILL');
    }
  });

it('does not take a dead run for alive when it was pid 1 of another container, and its lock is free', async () => {
  using rig = createRig(COPY);
  const other = identity({ pid: 1, startTime: '99999999999' });
  await crashed(rig, other, identity({ pid: 2, startTime: '99999999999' }));
  rig.write({ '.refit/locks/p.db.holder': 'process 1' });
  const ended = await rig.refit('run', 'p');
  expect(ended.exit).toBe(0);
  expect(ended.stderr).toContain('marked lost');
  expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('skip');
});

it('marks a run as lost when its lock is free, even if its recorded pid is alive', async () => {
  using rig = createRig(COPY);
  const mine = identity({ pid: process.pid });
  await crashed(rig, mine, identity({ pid: process.pid, startTime: '1' }));
  await rig.json(0, 'run', 'p');
  const { runs } = await rig.json(0, 'runs');
  expect(runs.map((run: { status: string }) => run.status)).toEqual(['succeeded', 'lost']);
});
