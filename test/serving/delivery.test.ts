import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.js';

const DAY_MS = 86_400_000;

const PIPELINE = `pipeline: p
steps:
  train: { run: sh train.sh, inputs: [train.sh, in.txt], outputs: [p.model] }
model: { path: p.model, gate: [{ smoke: sh smoke.sh }], first: accept }
retrain: { when: { event: landed } }
`;

const git = (rig: Rig, ...args: readonly string[]): void => {
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@example.org'];
  execFileSync('git', ['-C', rig.root, ...who, ...args], { env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null' } });
};

it('measures the time from commit to serving, and counts releases, refusals and rollbacks', async () => {
  using rig = createRig({
    'pipelines/p.yaml': PIPELINE,
    'train.sh': 'cp in.txt p.model',
    'smoke.sh': 'true',
    'in.txt': 'first',
    '.gitignore': '.refit/',
  });
  git(rig, 'init', '-q');
  git(rig, 'add', '.');
  git(rig, 'commit', '-qm', 'first', '--date', '2026-01-01T00:00:00Z');
  await rig.json(0, 'retrain', 'p', '--now', '2026-01-01');
  const tell = (id: string, exit: number) => {
    rig.write({ 'in.txt': id });
    return rig.json(exit, 'trigger', 'p', '--event', 'landed', '--id', id, '--now', id);
  };
  await tell('2026-01-11', 0);
  rig.write({ 'smoke.sh': 'exit 1' });
  await tell('2026-01-21', 5);
  rig.write({ 'smoke.sh': 'true' });
  await tell('2026-01-25', 0);
  await rig.json(0, 'rollback', 'p', '--reason', 'too slow', '--now', '2026-01-27T12:00:00Z');
  const { models } = await rig.json(0, 'delivery', '--now', '2026-01-31');
  const [p] = models;
  expect(p).toMatchObject({
    model: 'p',
    deployments: 3,
    deployments_per_month: 3,
    judged: 4,
    rejected: 1,
    rejected_share: 0.25,
    rollbacks: 1,
    time_to_restore_ms: 2.5 * DAY_MS,
    champion: 2,
    model_age_ms: 20 * DAY_MS,
  });
  expect(p.rollback_share).toBeCloseTo(1 / 3);
  const [first] = p.releases;
  const { commit_to_train_ms, train_ms, train_to_gate_ms, gate_to_serving_ms, commit_to_serving_ms } = first;
  expect(commit_to_train_ms + train_ms + train_to_gate_ms + gate_to_serving_ms).toBe(commit_to_serving_ms);
  for (const part of [commit_to_train_ms, train_ms, train_to_gate_ms, gate_to_serving_ms])
    expect(part).toBeGreaterThanOrEqual(0);
  expect(first.commit).toHaveLength(40);
  const text = (await rig.refit('delivery', 'p', '--now', '2026-01-31')).stdout;
  expect(text).toContain('rejected          1 of 4 (25 %)');
  expect(text).toContain('time to restore   2d 12h');
  const later = await rig.json(0, 'delivery', 'p', '--since', '2026-01-20', '--now', '2026-01-31');
  expect(later.models[0]).toMatchObject({ deployments: 1, judged: 2, rejected: 1 });
  const then = await rig.json(0, 'delivery', 'p', '--now', '2026-01-12');
  expect(then.models[0]).toMatchObject({ deployments: 2, champion: 2, rollbacks: 0, model_age_ms: DAY_MS });
  expect((await rig.refit('delivery', 'q')).exit).toBe(2);
  // without --now it ends where the history was played to, not at the clock on the wall
  const [played] = (await rig.json(0, 'delivery')).models;
  expect(played.model_age_ms).toBeGreaterThanOrEqual(16.5 * DAY_MS);
  expect(played.model_age_ms).toBeLessThan(17 * DAY_MS);
});

it('reports that a workspace has no models', async () => {
  using rig = createRig({ 'pipelines/p.yaml': PIPELINE, 'train.sh': '', 'in.txt': '' });
  expect(await rig.json(0, 'delivery')).toMatchObject({ models: [] });
  expect(rig.has('.refit')).toBe(false);
});
