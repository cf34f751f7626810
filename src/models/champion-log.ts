import type { ModelVersion, VersionRef } from '../domain/models/model.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { LogRows, PredictionLog } from '../domain/ports/prediction-log.js';
import type { Services } from '../domain/ports/services.js';
import type { Instant } from '../domain/support/time.js';
import type { When } from '../domain/when.js';
import { CHAMPION, championOf, isPast } from './champion.js';
import { servesSince } from './training-time.js';

/** A log of predictions, with the registry's facts about the champion that made them. */
export interface ChampionLog {
  readonly log: PredictionLog;
  readonly now: Instant;
  /** Labels arrive this long after their predictions. */
  readonly delayMs: number;
  readonly segments: readonly string[];
  readonly version?: VersionRef;
  /** Earlier predictions were made by another version. */
  readonly servedSince?: Instant;
  /** Labels and predictions from the champion's own gate evaluation. */
  readonly atGate: () => Promise<Pick<LogRows, 'label' | 'prediction'> | undefined>;
  /** The champion's metrics at its gate, for when the rows are missing. */
  readonly gateMetrics: Readonly<Record<string, number>>;
}

/** Adds the registry's facts about the champion to a log of predictions. */
export function championLog(services: Services, pipeline: Pipeline, when: When, log: PredictionLog): ChampionLog {
  const { models } = services.registry;
  const champion = championOf(services, pipeline, when);
  const since =
    champion === undefined
      ? undefined
      : isPast(services, pipeline, when)
        ? models.aliasAt(champion.model, CHAMPION, when.now)
        : models.alias(champion.model, CHAMPION);
  let gate: Promise<Pick<LogRows, 'label' | 'prediction'> | undefined> | undefined;
  return {
    log,
    now: when.now,
    delayMs: pipeline.monitor?.labels?.delayMs ?? 0,
    segments: pipeline.monitor?.segments ?? [],
    version: champion === undefined ? undefined : { model: champion.model, version: champion.version },
    servedSince:
      champion === undefined || since === undefined
        ? undefined
        : servesSince(services, pipeline, when, { version: champion, move: since }),
    atGate: () => {
      gate ??= readGateRows(services, champion);
      return gate;
    },
    gateMetrics: gateEvaluation(services, champion)?.metrics ?? {},
  };
}

/** The champion's evaluation for the gate that it passed. Without one, its first evaluation. */
function gateEvaluation({ registry }: Pick<Services, 'registry'>, champion: ModelVersion | undefined) {
  if (champion === undefined) return undefined;
  const [passed] = registry.models.gateVerdicts(champion).filter((one) => one.verdict === 'pass');
  const id = passed?.candidateEvaluation;
  return (
    (id === undefined ? undefined : registry.models.evaluation(id)) ?? registry.models.evaluations(champion).at(-1)
  );
}

async function readGateRows(services: Services, champion: ModelVersion | undefined) {
  const hash = gateEvaluation(services, champion)?.predictions;
  const path = hash === undefined ? undefined : await services.artifacts.objectPath(hash);
  if (path === undefined) return undefined;
  const read = await services.datasets.readColumns({ from: { kind: 'files', paths: [path] } }, ['label', 'prediction']);
  const column = (name: string): Float64Array =>
    Float64Array.from(read.ok ? (read.value.get(name) ?? []) : [], (cell) =>
      typeof cell === 'number' ? cell : Number.NaN,
    );
  const [label, prediction] = [column('label'), column('prediction')];
  const isUsable =
    label.length > 0 && label.length === prediction.length && ![...label, ...prediction].some(Number.isNaN);
  return isUsable ? { label, prediction } : undefined;
}
