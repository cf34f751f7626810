import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PIPELINE, workspace } from '../support/remotes.js';
import type { Document, Rig } from '../support/rig.js';
import { appendPromotion, forge, pushedOnce } from './forged-remote.js';

const GATED = `${PIPELINE}  gate: [auc >= 0.6]\n`;

let rig: Rig;
let share: string;
beforeAll(async () => {
  ({ rig, share } = await pushedOnce({ 'pipelines/m.yaml': GATED }));
});
afterAll(() => {
  rig[Symbol.dispose]();
  rmSync(join(share, '..'), { recursive: true, force: true });
});

const heldOf = (pulled: Document) => pulled.held.map((one: Document) => [one.version, one.because]);

describe('a promotion that another machine pushed', () => {
  it('serves where the gate here is the one that passed it', async () => {
    using b = workspace({ 'pipelines/m.yaml': GATED });
    const pulled = await b.json(0, 'pull', share);
    expect(pulled.held).toEqual([]);
    expect(b.read('serving/m/current/model.txt')).toBe('first');
    const verified = await b.json(0, 'verify');
    expect(verified.registry).toEqual([]);
  });

  it.each([
    ['another gate is here', `${PIPELINE}  gate: [auc >= 0.1]\n`, 'other-gate'],
    ['an approval is asked for here', `${GATED}  approval: manual\n`, 'no-approval'],
    ['no pipeline here makes the model', PIPELINE.replace('pipeline: m', 'pipeline: other'), 'no-pipeline'],
  ])('is history where %s; status tells it, and a promotion here decides', async (_, text, because) => {
    using b = workspace({ 'pipelines/m.yaml': text });
    const pulled = await b.json(0, 'pull', share);
    expect(heldOf(pulled)).toEqual([[1, because]]);
    expect(b.has('serving/m/current')).toBe(false);
    const shown = await b.refit('pull', share);
    expect(shown.stdout).toContain('held');
    if (because === 'no-pipeline') return;
    const [status] = (await b.json(0, 'status', 'm')).pipelines;
    expect(status.held_moves).toMatchObject([{ model: 'm', version: 1, because }]);
    expect(status.champion).toBeFalsy();
  });

  it('serves by the next pull once the pipeline here lets it pass', async () => {
    using b = workspace({ 'pipelines/m.yaml': `${GATED}  approval: manual\n` });
    expect(heldOf(await b.json(0, 'pull', share))).toEqual([[1, 'no-approval']]);
    b.write({ 'pipelines/m.yaml': GATED });
    expect(heldOf(await b.json(0, 'pull', share))).toEqual([]);
    expect(b.read('serving/m/current/model.txt')).toBe('first');
  });

  it('is published where the pipeline here says, whatever the entry says', async () => {
    using remote = forge(share);
    appendPromotion(remote, { move: { publish_path: 'pipelines', kind: 'rollback' } });
    using b = workspace({ 'pipelines/m.yaml': GATED });
    await b.json(0, 'pull', remote.path);
    expect(b.list('pipelines')).toEqual(['m.yaml']);
    expect(b.read('serving/m/current/model.txt')).toBe('first');
  });
});

describe('a forged promotion', () => {
  const run = async (forgery: Parameters<typeof appendPromotion>[1]) => {
    using remote = forge(share);
    appendPromotion(remote, forgery);
    const b = workspace({ 'pipelines/m.yaml': GATED });
    await b.json(0, 'pull', share);
    const pulled = await b.json(0, 'pull', remote.path, '--new');
    return { b, held: heldOf(pulled) };
  };

  it.each<[string, Parameters<typeof appendPromotion>[1], string]>([
    ['of bytes that no run wrote', { bytes: 'evil' }, 'no-run-made-it'],
    ['of such bytes that is marked as forced', { bytes: 'evil', move: { is_forced: 1 } }, 'no-run-made-it'],
    ['that goes back to bytes that never served', { bytes: 'evil', move: { kind: 'rollback' } }, 'no-run-made-it'],
  ])('%s is not served', async (_, forgery, because) => {
    const { b, held } = await run(forgery);
    using machine = b;
    expect(held).toEqual([[2, because]]);
    expect(machine.read('serving/m/current/model.txt')).toBe('first');
    const [status] = (await machine.json(0, 'status', 'm')).pipelines;
    expect(status.champion).toMatchObject({ version: 1 });
    expect(status.serving).toEqual([]);
    const verified = await machine.json(0, 'verify');
    expect(verified.registry).toEqual([]);
  });

  it('does not stand in the way of the next promotion here', async () => {
    const { b } = await run({ bytes: 'evil' });
    using machine = b;
    machine.write({ 'source.txt': 'third' });
    await machine.json(0, 'run', 'm');
    await machine.json(0, 'promote', 'm@3', '--reason', 'mine');
    expect(machine.read('serving/m/current/model.txt')).toBe('third');
    await machine.json(0, 'rollback', 'm', '--reason', 'back');
    expect(machine.read('serving/m/current/model.txt')).toBe('first');
  });
});

describe('an approval that came with a promotion', () => {
  const APPROVED = `${GATED}  approval: manual\n`;

  it('lets it serve, and not after it has expired', async () => {
    using a = workspace({ 'pipelines/m.yaml': APPROVED });
    using b = workspace({ 'pipelines/m.yaml': APPROVED });
    using c = workspace({ 'pipelines/m.yaml': `${APPROVED}  approval_expires: 1ms\n` });
    await a.json(0, 'run', 'm');
    await a.json(0, 'approve', 'm@1', '--reason', 'fine');
    const remote = join(a.root, '..', `${a.root.split('/').at(-1)}-remote`);
    try {
      await a.json(0, 'push', remote);
      expect(heldOf(await b.json(0, 'pull', remote))).toEqual([]);
      expect(b.read('serving/m/current/model.txt')).toBe('first');
      expect(await c.json(0, 'pull', remote)).toMatchObject({ held: expect.any(Array) });
    } finally {
      rmSync(remote, { recursive: true, force: true });
    }
  });
});
