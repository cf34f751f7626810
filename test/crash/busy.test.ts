import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createRig, type Document } from '../support/rig.js';
import { STEERED } from '../support/steering.js';

const STEERED_STEP: Readonly<Record<string, string>> = {
  'pipelines/p.yaml': `pipeline: p\nsteps:\n  a: { run: ${STEERED}, inputs: [], outputs: [a.txt], timeout: 1h }\n`,
};

const RETRAIN: Readonly<Record<string, string>> = {
  'pipelines/p.yaml': `pipeline: p
steps:
  a: { run: ${STEERED}, inputs: [], outputs: [a.txt] }
model: { path: a.txt, gate: [{ smoke: "true" }], first: accept, publish: { path: serving } }
retrain: { when: { max_age: 30d } }
`,
};

// Concurrent: these tests mostly wait, so they do not compete for the CPU.
describe.concurrent('a busy registry, processes that ignore signals, and commands run twice', () => {
  it('waits for a locked registry when a long step ends, then records the end', async () => {
    using rig = createRig(STEERED_STEP);
    const running = rig.start('run', 'p', '--json');
    const a = await rig.started('a');
    await a.write('a.txt', 'eight hours of work');
    const held = rig.holdRegistry();
    await a.exit(0);
    await a.gone;
    await delay(4000);
    held.release();
    const ended = await running.ended;
    expect(ended.stderr).not.toContain('database is locked');
    expect(ended.exit, ended.stderr).toBe(0);
    expect(JSON.parse(ended.stdout).run.steps[0]).toMatchObject({ status: 'succeeded', exit_code: 0 });
    expect(rig.read('a.txt')).toBe('eight hours of work');
    expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('skip');
  });

  it('waits for a locked registry before it starts a step', async () => {
    using rig = createRig(STEERED_STEP);
    await rig.json(0, 'plan', 'p');
    const first = rig.start('run', 'p');
    await (await rig.started('a')).exit(3);
    expect((await first.ended).exit).toBe(1);
    const held = rig.holdRegistry();
    const running = rig.start('run', 'p');
    await delay(3000);
    expect(rig.startedCount('a')).toBe(1);
    held.release();
    const a = await rig.started('a');
    await a.write('a.txt', 'made');
    await a.exit(0);
    expect((await running.ended).exit).toBe(0);
  });

  it('kills a step and its child that ignore INT and TERM after the grace period, then exits', async () => {
    using rig = createRig(STEERED_STEP);
    const running = rig.start('run', 'p');
    const a = await rig.started('a');
    const child = await a.spawn();
    for (const one of [a, child]) for (const signal of ['SIGINT', 'SIGTERM'] as const) await one.ignore(signal);
    running.kill('SIGINT');
    await Promise.all([a.signalled('SIGTERM'), child.signalled('SIGTERM')]);
    expect([a.isGone(), child.isGone()]).toEqual([false, false]);
    expect((await running.ended).exit).toBe(130);
    await Promise.all([a.gone, child.gone]);
    expect((await rig.json(0, 'runs')).runs[0].status).toBe('cancelled');
  });

  it('kills a timed-out step that ignores TERM after the grace period, and records the timeout', async () => {
    using rig = createRig({
      'pipelines/p.yaml': `pipeline: p\nsteps:\n  a: { run: ${STEERED}, inputs: [], outputs: [a.txt], timeout: 5s }\n`,
    });
    const running = rig.start('run', 'p', '--json');
    const a = await rig.started('a');
    await a.ignore('SIGTERM');
    await a.signalled('SIGTERM');
    const ended = await running.ended;
    expect(ended.exit).toBe(1);
    expect(JSON.parse(ended.stdout).run.steps[0].status).toBe('timed-out');
    await a.gone;
  });

  it('exits at once on a second signal, and kills the step that ignores signals', async () => {
    using rig = createRig(STEERED_STEP);
    const running = rig.start('run', 'p');
    const a = await rig.started('a');
    await a.ignore('SIGTERM');
    running.kill('SIGINT');
    await a.signalled('SIGTERM');
    running.kill('SIGINT');
    expect((await running.ended).exit).toBe(130);
    const isGone = await Promise.race([a.gone.then(() => true), delay(2000, false)]);
    expect(isGone).toBe(true);
  });

  it('kills an orphan that ignores TERM before the next run starts the step', async () => {
    using rig = createRig(STEERED_STEP);
    const killed = rig.start('run', 'p');
    const orphan = await rig.started('a');
    await orphan.ignore('SIGTERM');
    killed.kill('SIGKILL');
    await killed.ended;
    const next = rig.start('run', 'p');
    const a = await rig.started('a');
    expect(orphan.isGone()).toBe(true);
    await a.write('a.txt', 'made');
    await a.exit(0);
    expect((await next.ended).exit).toBe(0);
  });

  it('trains once when two retrain ticks run at once; the other reports that the pipeline is busy', async () => {
    using rig = createRig(RETRAIN);
    const ticks = [rig.start('retrain', 'p', '--json'), rig.start('retrain', 'p', '--json')];
    const a = await rig.started('a');
    const first = await Promise.race(ticks.map((tick) => tick.ended));
    expect(first).toMatchObject({ exit: 6 });
    await a.write('a.txt', 'made');
    await a.exit(0);
    const ended = await Promise.all(ticks.map((tick) => tick.ended));
    expect(ended.map((one) => one.exit).sort()).toEqual([0, 6]);
    expect(rig.startedCount('a')).toBe(1);
    expect((await rig.json(0, 'runs')).runs).toHaveLength(1);
  });

  it('trains once when four retrain ticks run at once with --wait; the others see the new model and do not train', async () => {
    using rig = createRig(RETRAIN);
    const ticks = [1, 2, 3, 4].map(() => rig.start('retrain', 'p', '--json', '--wait', '60s'));
    const a = await rig.started('a');
    await a.write('a.txt', 'made');
    await a.exit(0);
    const ended = await Promise.all(ticks.map((tick) => tick.ended));
    expect(ended.map((one) => one.stderr).join('')).not.toContain('now-before-last-decision');
    expect(ended.map((one) => one.exit)).toEqual([0, 0, 0, 0]);
    const decisions = ended.map((one) => JSON.parse(one.stdout)).map((one: Document) => one.decision);
    expect(decisions.sort()).toEqual(['retrain', 'wait', 'wait', 'wait']);
    expect(rig.startedCount('a')).toBe(1);
    expect((await rig.json(0, 'models')).versions).toHaveLength(1);
  });
});
