import { expect, it } from 'vitest';
import type { EvaluatedCondition } from '../../../src/domain/decisions/decision.js';
import type { TakenTrigger } from '../../../src/domain/decisions/measurements.js';
import type { DecisionId } from '../../../src/domain/ids.js';
import type { RetrainSpec } from '../../../src/domain/pipeline/pipeline.js';
import { DAY_MS, HOUR_MS, type Instant, instantOf, toIso } from '../../../src/domain/support/time.js';
import { decide } from '../../../src/retrain/judge/decide.js';
import { evaluateCondition } from '../../../src/retrain/judge/evaluate-condition.js';
import { seededRandom } from '../../../src/statistics/random.js';

const at = { file: 'p.yaml', line: 1, col: 1, endCol: 2 };
const from = (text: string): Instant => instantOf(Date.parse(`${text}T00:00:00Z`));
const between = (now: Instant, since: string, until: string): boolean => now >= from(since) && now < from(until);

const spec: RetrainSpec = {
  when: {
    kind: 'any',
    of: [
      { kind: 'schedule', cron: '0 3 1 * *', timezone: 'UTC', at },
      { kind: 'data_drift', share: 0.5, persist: { count: 2, of: 3, everyMs: DAY_MS }, at },
    ],
  },
  onDataBug: 'hold',
  mode: 'automatic',
  cooldownMs: 12 * HOUR_MS,
  limit: { runs: 2, perMs: 7 * DAY_MS },
  at,
};

/** Whether the inputs look drifted to a model that was trained on the world of `known`. */
function isDrifted(now: Instant, known: number, chance: number): boolean {
  // in June the signal goes to and fro from hour to hour, whatever is trained on
  if (between(now, '2026-06-01', '2026-07-01')) return chance < 0.5;
  return worldOf(now) !== known;
}

/** The world changes for good in March, and in September to one that the gate never lets a model for pass. */
const worldOf = (now: Instant): number => (now < from('2026-03-10') ? 0 : now < from('2026-09-10') ? 1 : 2);
const fails = (now: Instant): boolean => between(now, '2026-11-01', '2026-11-12');
const isRefused = (now: Instant): boolean => between(now, '2026-09-10', '2026-10-05');

interface Champion {
  readonly version: number;
  readonly world: number;
  readonly at: Instant;
}

/** A year of hourly ticks, each decided by all that was decided before. */
function playYear() {
  const chance = seededRandom(7);
  const decided: string[] = [];
  const taken: TakenTrigger[] = [];
  let history: EvaluatedCondition[] = [];
  const retrainedAt: Instant[] = [];
  let lastTrainedAt = from('2026-01-01');
  let champion: Champion = { version: 1, world: 0, at: lastTrainedAt };
  let failuresInARow = 0;
  const counts = { ticks: 0, held: 0, wait: 0, paused: 0, retrain: 0 };
  for (let now = from('2026-01-01'); now < from('2027-01-01'); now = instantOf(now + HOUR_MS)) {
    const drifted = isDrifted(now, champion.world, chance());
    const conditions = evaluateCondition(spec.when, {
      now,
      lastTrainedAt,
      championTrainedAt: champion.at,
      championVersion: champion.version,
      newData: {},
      codeChanges: [],
      commands: {},
      history,
      taken,
      drift: {
        verdict: drifted ? 'drift' : 'stable',
        features: [],
        drifted: drifted ? 1 : 0,
        total: 1,
        dataBugs: [],
        unclear: [],
        segments: [],
        warnings: [],
      },
    });
    history = [conditions, ...history.slice(0, 24 * 4)];
    if (toIso(now).startsWith('2026-11-13T00')) failuresInARow = 0;
    const { decision, because } = decide({
      now,
      spec,
      hasChampion: true,
      isForced: false,
      conditions,
      dataBugs: [],
      unclear: [],
      retrainedAt,
      failuresInARow,
    });
    counts.ticks += 1;
    counts.held += drifted ? 1 : 0;
    if (decision === 'wait' || decision === 'paused' || decision === 'retrain') counts[decision] += 1;
    if (decision !== 'retrain') continue;
    const fired = (because.of ?? []).filter((one) => one.state === 'fired');
    const outcome = fails(now) ? 'failed' : isRefused(now) ? 'refused' : 'published';
    decided.push(`${toIso(now).slice(0, 13)} ${fired.map((one) => one.condition).join('+')} ${outcome}`);
    retrainedAt.unshift(now);
    failuresInARow = outcome === 'failed' ? failuresInARow + 1 : 0;
    if (outcome === 'failed') continue;
    lastTrainedAt = now;
    const decisionId = `d-${taken.length}` as DecisionId;
    for (const id of fired.flatMap((one) => one.ids ?? [])) taken.push({ id, decision: decisionId, now });
    if (outcome !== 'published') continue;
    champion = { version: champion.version + 1, world: worldOf(now), at: now };
    history = [];
  }
  return { decided, counts, ids: taken.map((one) => one.id) };
}

const EXPECTED = [
  '2026-01-01T03 schedule published',
  '2026-02-01T03 schedule published',
  '2026-03-01T03 schedule published',
  // the world has changed: two windows a day apart say so
  '2026-03-11T00 data_drift published',
  '2026-04-01T03 schedule published',
  '2026-05-01T03 schedule published',
  // June flaps: each new champion is told of it once, and the limit of two a week holds
  '2026-06-01T03 schedule published',
  // … and holds July's back until it is used up no longer
  '2026-07-06T10 schedule published',
  '2026-08-01T03 schedule published',
  '2026-09-01T03 schedule published',
  // the gate refuses: tried again a week later each time, not at every tick
  '2026-09-11T00 data_drift refused',
  '2026-09-18T00 data_drift refused',
  '2026-09-25T00 data_drift refused',
  '2026-10-01T03 schedule refused',
  '2026-10-02T00 data_drift refused',
  '2026-10-09T00 data_drift published',
  // a training that fails keeps its reason, within cooldown and limit, until three failures pause it
  '2026-11-01T03 schedule failed',
  '2026-11-01T15 schedule failed',
  '2026-11-08T03 schedule failed',
  // a human resumes
  '2026-11-13T00 schedule published',
  '2026-12-01T03 schedule published',
];

it('decides a year of hourly ticks as recorded, with flapping signals, refusals and failures', () => {
  const { decided, counts, ids } = playYear();
  const inJune = decided.filter((one) => one.startsWith('2026-06') && one.includes('data_drift'));
  expect(decided.filter((one) => !inJune.includes(one))).toEqual(EXPECTED);
  // the same year would fire thousands of times by a rule that asks whether it holds
  expect(counts.ticks).toBe(8760);
  expect(counts.held).toBeGreaterThan(1000);
  expect(inJune.length).toBeGreaterThan(0);
  expect(inJune.length).toBeLessThanOrEqual(9);
  expect(counts.paused).toBe(116);
  expect(new Set(ids).size).toBe(ids.length);
});
