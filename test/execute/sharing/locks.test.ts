import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { countingStep, createRig, type Rig, until } from '../../support/rig.js';

const files = (run: string): Readonly<Record<string, string>> => ({
  'pipelines/p.yaml': 'pipeline: p\nsteps:\n  s: { run: sh s.sh, inputs: [s.sh], outputs: [out.txt] }\n',
  's.sh': run,
});

/** A retraining, which holds the pipeline alone. Its step says `here` and waits for a word through a FIFO. */
function held(): Rig {
  const rig = createRig(files('touch here; read word < gate; echo "$word" > out.txt'));
  rig.write({
    'pipelines/p.yaml': `${rig.read('pipelines/p.yaml')}model: { path: out.txt, gate: [{ smoke: "true" }], first: accept }
retrain: { when: { max_age: 30d } }
`,
  });
  execFileSync('mkfifo', [join(rig.root, 'gate')]);
  return rig;
}

const release = (rig: Rig): void => rig.write({ gate: 'word\n' });

it('runs a step once for ten runners that start together', async () => {
  using rig = createRig(files(countingStep('out.txt')));
  const runners = Array.from({ length: 10 }, () => rig.refit('run', 'p', '--wait', '2m'));
  expect((await Promise.all(runners)).map(({ exit }) => exit)).toEqual(Array(10).fill(0));
  expect(rig.read('ran.txt')).toBe('s\n');
});

it('reports busy to a second runner, with the holder, its run, and what to do', async () => {
  using rig = held();
  const running = rig.start('retrain', 'p');
  await until(() => rig.has('here'));
  const [{ id }] = (await rig.json(0, 'runs')).runs;
  const second = await rig.refit('run', 'p');
  expect(second.exit).toBe(6);
  expect(second.stderr).toContain(`process ${running.pid} on `);
  expect(second.stderr).toContain(`refit logs ${id} -f`);
  expect(second.stderr).toContain('--wait 10m');
  expect((await rig.refit('run', 'p', '--wait', '50ms')).exit).toBe(6);
  const waiting = rig.start('run', 'p', '--wait', '1m');
  await waiting.said(`waiting for process ${running.pid}`);
  release(rig);
  expect((await running.ended).exit).toBe(0);
  expect((await waiting.ended).exit).toBe(0);
  expect((await rig.json(0, 'runs')).runs[0].status).toBe('succeeded');
});

it('stops waiting at ^C', async () => {
  using rig = held();
  const running = rig.start('retrain', 'p');
  await until(() => rig.has('here'));
  const waiting = rig.start('run', 'p', '--wait', '1h');
  await waiting.said('waiting for process');
  waiting.kill('SIGINT');
  expect((await waiting.ended).exit).toBe(130);
  release(rig);
  await running.ended;
});

it('frees the lock at once when its holder is killed', async () => {
  using rig = held();
  const running = rig.start('run', 'p');
  await until(() => rig.has('here'));
  running.kill('SIGKILL');
  await running.ended;
  rig.write({ 's.sh': 'echo mine > out.txt' });
  expect((await rig.json(0, 'run', 'p')).run.status).toBe('succeeded');
});

it('says what to do about a damaged lock file', async () => {
  using rig = createRig({ ...files('echo made > out.txt'), '.refit/locks/p.db': 'garbage'.repeat(1000) });
  const ended = await rig.refit('run', 'p');
  expect(ended.exit).toBe(1);
  expect(ended.stderr).toContain('p.db');
  expect(ended.stderr).toContain('delete it when no refit runs here');
});
