import type { DeliveryFacts, Release } from '../../domain/models/delivery.js';
import type { Json, JsonObject } from '../../domain/support/json.js';
import { DAY_MS, toIso } from '../../domain/support/time.js';
import type { View, ViewPart } from '../../domain/view.js';
import { blank, dim, fields, figure, line, moment, span, strong, table } from '../../render/parts/parts.js';
import { median } from '../../statistics/quantiles.js';

const MONTH_MS = 30 * DAY_MS;

/** Duration of each part of the way to serving, in ms by the wall clock. Unknown parts are absent. */
interface Lead {
  readonly commitToTrain?: number;
  readonly train?: number;
  readonly trainToGate?: number;
  readonly gateToServing?: number;
  readonly commitToServing?: number;
  /** In the ledger's time. */
  readonly driftToServing?: number;
}

function leadOf({ move, run, judgedAt, driftSeenAt }: Release): Lead {
  const { committedAt } = run.code;
  const { finishedAt } = run;
  return {
    commitToTrain: committedAt === undefined ? undefined : run.startedAt - committedAt,
    train: finishedAt === undefined ? undefined : finishedAt - run.startedAt,
    ...(finishedAt === undefined || judgedAt === undefined ? {} : { trainToGate: judgedAt - finishedAt }),
    gateToServing: judgedAt === undefined ? undefined : move.movedAt - judgedAt,
    commitToServing: committedAt === undefined ? undefined : move.movedAt - committedAt,
    driftToServing: driftSeenAt === undefined ? undefined : move.now - driftSeenAt,
  };
}

const KEYS = ['commitToTrain', 'train', 'trainToGate', 'gateToServing', 'commitToServing', 'driftToServing'] as const;
const NAMES: Readonly<Record<(typeof KEYS)[number], string>> = {
  commitToTrain: 'commit_to_train_ms',
  train: 'train_ms',
  trainToGate: 'train_to_gate_ms',
  gateToServing: 'gate_to_serving_ms',
  commitToServing: 'commit_to_serving_ms',
  driftToServing: 'drift_to_serving_ms',
};

const medianOf = (leads: readonly Lead[], key: keyof Lead): number | undefined =>
  median(leads.flatMap((lead) => lead[key] ?? []));

const share = (part: number, whole: number): number | undefined => (whole === 0 ? undefined : part / whole);

function figuresOf(facts: DeliveryFacts) {
  const leads = facts.releases.map(leadOf);
  const restored = facts.rollbacks.flatMap(({ move, undone }) => (undone === undefined ? [] : [move.now - undone.now]));
  const { releases, rollbacks, since, until } = facts;
  const days = (until - since) / DAY_MS;
  return {
    leads,
    // A period of less than a day is too short for a rate per month.
    perMonth: days < 1 ? undefined : (releases.length * MONTH_MS) / (until - since),
    rejectedShare: share(facts.rejected, facts.judged),
    rollbackShare: share(rollbacks.length, releases.length),
    timeToRestore: median(restored),
    age: facts.champion === undefined ? undefined : until - facts.champion.trainedAt,
    servedMs: facts.champion === undefined ? undefined : until - facts.champion.servedSince,
  };
}

/** The document of `delivery`. */
export const deliveryView = (models: readonly DeliveryFacts[]): View => ({
  json: { models: models.map(modelJson) },
  parts:
    models.length === 0
      ? [line('no models yet; "refit run" registers a version of a pipeline with a "model"')]
      : models.flatMap((facts, i) => [...(i === 0 ? [] : [blank]), ...modelParts(facts)]),
});

const orNull = (value: number | undefined): Json => value ?? null;

function modelJson(facts: DeliveryFacts): JsonObject {
  const { leads, ...figures } = figuresOf(facts);
  return {
    model: facts.model,
    since: toIso(facts.since),
    until: toIso(facts.until),
    deployments: facts.releases.length,
    deployments_per_month: orNull(figures.perMonth),
    median: Object.fromEntries(KEYS.map((key) => [NAMES[key], orNull(medianOf(leads, key))])),
    judged: facts.judged,
    rejected: facts.rejected,
    rejected_share: orNull(figures.rejectedShare),
    rollbacks: facts.rollbacks.length,
    rollback_share: orNull(figures.rollbackShare),
    time_to_restore_ms: orNull(figures.timeToRestore),
    champion: facts.champion?.version.version ?? null,
    model_age_ms: orNull(figures.age),
    served_ms: orNull(figures.servedMs),
    releases: facts.releases.map(({ move, run }, i) => ({
      version: move.to,
      from: move.from ?? null,
      at: toIso(move.movedAt),
      now: toIso(move.now),
      trigger: run.trigger.kind,
      commit: run.code.commit ?? null,
      ...Object.fromEntries(KEYS.map((key) => [NAMES[key], orNull(leads[i]?.[key])])),
    })),
  };
}

const ago = (ms: number | undefined): string => (ms === undefined ? '–' : span(ms));

const countText = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${part} of ${whole} (${Math.round((100 * part) / whole)} %)`;

function modelParts(facts: DeliveryFacts): readonly ViewPart[] {
  const figures = figuresOf(facts);
  const { leads } = figures;
  const middle = (key: keyof Lead): string => ago(medianOf(leads, key));
  const drifted = leads.filter((lead) => lead.driftToServing !== undefined).length;
  return [
    line(
      strong(facts.model),
      dim(`  ${moment(facts.since)} … ${moment(facts.until)} (${span(facts.until - facts.since)})`),
    ),
    fields([
      [
        'deployments',
        `${facts.releases.length}${figures.perMonth === undefined ? '' : `, ${figure(figures.perMonth < 10 ? Number(figures.perMonth.toPrecision(2)) : Math.round(figures.perMonth))} in 30 days`}`,
      ],
      [
        'commit → serving',
        `${middle('commitToServing')}: to train ${middle('commitToTrain')}, train ${middle('train')}, to gate ${middle('trainToGate')}, to serving ${middle('gateToServing')}`,
      ],
      ['drift → serving', `${middle('driftToServing')}${drifted === 0 ? '' : ` (${drifted} of ${leads.length})`}`],
      ['rejected', countText(facts.rejected, facts.judged)],
      ['rolled back', countText(facts.rollbacks.length, facts.releases.length)],
      ['time to restore', ago(figures.timeToRestore)],
      [
        'champion',
        facts.champion === undefined
          ? [dim('none')]
          : `version ${facts.champion.version.version}, trained ${ago(figures.age)} ago, serves for ${ago(figures.servedMs)}`,
      ],
    ]),
    ...(facts.releases.length === 0 ? [] : [releasesTable(facts.releases, leads)]),
  ];
}

const releasesTable = (releases: readonly Release[], leads: readonly Lead[]): ViewPart =>
  table(
    ['version', 'now (UTC)', 'trigger', 'commit → train', 'train', '→ gate', '→ serving', 'in all', 'drift → serving'],
    releases.map(({ move, run }, i) => [
      strong(String(move.to)),
      moment(move.now),
      run.trigger.kind,
      ...(['commitToTrain', 'train', 'trainToGate', 'gateToServing', 'commitToServing', 'driftToServing'] as const).map(
        (key) => ago(leads[i]?.[key]),
      ),
    ]),
  );
