import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { createRig, isRunning, type Rig, until } from '../support/rig.js';

const PIPELINE = 'pipeline: p\nsteps:\n  s: { run: sh s.sh, inputs: [s.sh], outputs: [out.txt] }\n';
const FAR = 'setsid sleep 300 & echo $! > far; sleep 300 & echo $! > near; echo $$ > child; wait';
const pidIn = (rig: Rig, file: string): number => (rig.has(file) ? Number(rig.read(file)) : 0);
const FILES = ['child', 'near', 'far'];

/** A run that was killed with its step at work. */
async function killedRun(): Promise<Rig> {
  const rig = createRig({ 'pipelines/p.yaml': PIPELINE, 's.sh': FAR });
  const running = rig.start('run', 'p');
  await until(
    () => pidIn(rig, 'child') > 0 && rig.query('SELECT 1 FROM attempt WHERE process_json IS NOT NULL').length > 0,
  );
  running.kill('SIGKILL');
  await running.ended;
  return rig;
}

/** Says whether anything of the killed run works beside it. */
const WATCHFUL = `for f in child near far; do
  s=$(cut -d' ' -f3 /proc/$(cat $f)/stat 2>/dev/null || echo Z); [ "$s" = Z ] || echo $f >> beside
done; echo new > out.txt`;

it('shows a killed run as lost in whatever reads, without writing', async () => {
  using rig = await killedRun();
  expect((await rig.json(0, 'runs')).runs[0].status).toBe('lost');
  const shown = await rig.json(0, 'show', 'latest');
  expect(shown.run.status).toBe('lost');
  expect(shown.run.steps[0].status).toBe('lost');
  expect((await rig.refit('status')).stdout).toContain('lost');
  const db = new Database(join(rig.root, '.refit/registry.db'), { readonly: true });
  expect(db.prepare('SELECT status FROM run').pluck().all()).toEqual(['running']);
  db.close();
  // takes the orphans away
  rig.write({ 's.sh': WATCHFUL });
  await rig.json(0, 'run', 'p');
});

it('ends all that a killed run left before it starts anything', async () => {
  using rig = await killedRun();
  expect(FILES.map((file) => isRunning(pidIn(rig, file)))).toEqual([true, true, true]);
  rig.write({ 's.sh': WATCHFUL });
  const ended = await rig.refit('run', 'p');
  expect(ended.stderr).toContain('marked lost');
  expect(ended.exit).toBe(0);
  expect(rig.has('beside')).toBe(false);
  expect(FILES.map((file) => isRunning(pidIn(rig, file)))).toEqual([false, false, false]);
});

it('finds them when it was killed before their pid was recorded', async () => {
  using rig = await killedRun();
  rig.update('UPDATE attempt SET process_json = NULL');
  rig.write({ 's.sh': WATCHFUL });
  await rig.json(0, 'run', 'p');
  expect(rig.has('beside')).toBe(false);
});

it('does not kill another process that has reused the pid', async () => {
  using rig = await killedRun();
  const stranger = spawn('sleep', ['300'], { detached: true });
  const stat = readFileSync(`/proc/${stranger.pid}/stat`, 'utf8');
  const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  // the worst case: pid and start time are those recorded
  rig.update(
    `UPDATE attempt SET process_json = json_set(process_json, '$.pid', ${stranger.pid}, '$.startTime', '${startTime}')`,
  );
  rig.write({ 's.sh': WATCHFUL });
  await rig.json(0, 'run', 'p');
  expect(isRunning(stranger.pid ?? 0)).toBe(true);
  expect(rig.has('beside')).toBe(false);
  stranger.kill('SIGKILL');
});

it('does not take a process of another container for the one that ran', async () => {
  using rig = await killedRun();
  rig.update(`UPDATE run SET process_json = json_set(process_json, '$.pid', ${process.pid}, '$.bootId', 'elsewhere')`);
  expect((await rig.json(0, 'runs')).runs[0].status).toBe('lost');
  rig.write({ 's.sh': WATCHFUL });
  expect((await rig.json(0, 'run', 'p')).run.status).toBe('succeeded');
});

it('keeps the new output when the run was killed after its step had succeeded', async () => {
  using rig = createRig({ 'pipelines/p.yaml': PIPELINE, 's.sh': 'echo new > out.txt' });
  const { run } = await rig.json(0, 'run', 'p');
  rig.write({ '.refit/aside/x/s/0': 'old\n' });
  rig.update(`UPDATE run SET status = 'running', process_json = json_set(process_json, '$.pid', 999999);
    INSERT INTO output_backup(run, step, path, aside_path, is_open) VALUES ('${run.id}', 's', 'out.txt', '.refit/aside/x/s/0', 1)`);
  expect((await rig.json(0, 'run', 'p')).run.steps[0].status).toBe('skipped');
  expect(rig.read('out.txt')).toBe('new\n');
  expect(rig.has('.refit/aside/x/s/0')).toBe(false);
});
