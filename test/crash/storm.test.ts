import { expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.js';

/** REFIT_STORMS=20 repeats each test 20 times, each time in a new workspace. */
const STORMS = Number(process.env.REFIT_STORMS ?? 1);
const PROCESSES = 50;
const TIMEOUT_MS = 120_000 * STORMS;

const PIPELINE = `pipeline: p
steps:
  train: { run: sh train.sh, inputs: [train.sh, in.txt], outputs: [p.model] }
model: { path: p.model, gate: [{ smoke: "true" }], first: accept }
retrain: { when: { event: landed } }
`;

const workspace = (): Rig =>
  createRig({
    'pipelines/p.yaml': PIPELINE,
    'train.sh': 'echo trained >> trained.log; sleep 0.5; cp in.txt p.model',
    'in.txt': 'first',
  });

const trainings = (rig: Rig): number => rig.read('trained.log').split('\n').length - 1;

/** Runs all at once. Each must succeed or report a busy pipeline; none may report a locked database. */
async function storm(rig: Rig, ...args: readonly string[]): Promise<readonly number[]> {
  const ended = await Promise.all(Array.from({ length: PROCESSES }, () => rig.refit(...args)));
  expect(ended.filter(({ exit }) => exit !== 0 && exit !== 6)).toEqual([]);
  expect(ended.filter(({ stderr }) => /locked|SQLITE|at .*\.js:\d/.test(stderr))).toEqual([]);
  for (const { exit, stdout, stderr } of ended)
    expect(exit === 6 ? stderr : stdout).toMatch(exit === 6 ? /busy/ : /wait: |retrain: |trained for it/);
  return ended.map(({ exit }) => exit);
}

it.each(Array.from({ length: STORMS }, (_, i) => i + 1))(
  'trains once when fifty processes retrain at once in a new workspace (%i)',
  async () => {
    using rig = workspace();
    const exits = await storm(rig, 'retrain', 'p');
    expect(exits).toContain(0);
    expect(trainings(rig)).toBe(1);
    const [{ ticks, ended }] = rig.query(
      'SELECT count(*) AS ticks, (SELECT count(*) FROM tick_end) AS ended FROM tick',
    );
    expect({ ticks, ended }).toEqual({ ticks: PROCESSES, ended: PROCESSES });
    expect(rig.query("SELECT id FROM retrain_decision WHERE decision = 'retrain'")).toHaveLength(1);
    expect(rig.query('SELECT generation FROM alias_move')).toEqual([{ generation: 1 }]);
  },
  TIMEOUT_MS,
);

it.each(Array.from({ length: STORMS }, (_, i) => i + 1))(
  'trains once for an event that fifty processes report at once, with and without --wait (%i)',
  async () => {
    using rig = workspace();
    await rig.json(0, 'retrain', 'p');
    rig.write({ 'in.txt': 'second' });
    await storm(rig, 'trigger', 'p', '--event', 'landed', '--id', 'a');
    await storm(rig, 'trigger', 'p', '--event', 'landed', '--id', 'a', '--wait', '1m');
    expect(trainings(rig)).toBe(2);
    expect(rig.query('SELECT trigger, attempt FROM decision_trigger')).toEqual([
      { trigger: 'event:landed:a', attempt: 1 },
    ]);
  },
  TIMEOUT_MS,
);
