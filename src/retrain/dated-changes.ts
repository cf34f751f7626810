import { championChanges, hasAutoWindow, lastKnown, windowsGiven } from '../data/windows/training-windows.js';
import type { DriftReport } from '../domain/data/drift.js';
import type { PerformanceReport } from '../domain/data/performance.js';
import type { DatedChange, DecidedWindows } from '../domain/data/training-window.js';
import type { ModelVersion } from '../domain/models/model.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { When } from '../domain/when.js';
import { driftChanges, fallChanges, type SeenFall, unjudgedChanges } from './judge/date-changes.js';
import type { Verdict } from './judge/decide.js';

interface Verdicts {
  readonly champion: ModelVersion | undefined;
  readonly drift: DriftReport | undefined;
  /** Checks of performance that this decision made. */
  readonly performance: readonly PerformanceReport[];
}

/** The changes that the verdicts of this decision and earlier ones have dated, and the windows that follow. */
export function decidedWindows(
  services: Pick<Services, 'registry' | 'clock'>,
  pipeline: Pipeline,
  when: When,
  verdicts: Verdicts,
): DecidedWindows | undefined {
  if (pipeline.datasets.every(({ window }) => window === undefined)) return undefined;
  const changes = hasAutoWindow(pipeline) ? datedChanges(services, pipeline, when, verdicts) : [];
  return { changes, windows: windowsGiven(pipeline, when, () => changes) };
}

/** A verdict that trains says on which rows, where that depends on a change. */
export function windowed(verdict: Verdict, decided: DecidedWindows | undefined): Verdict {
  const chosen = (decided?.windows ?? []).filter(({ because }) => because !== 'fixed');
  if (verdict.decision !== 'retrain' || chosen.length === 0) return verdict;
  return { ...verdict, summary: `${verdict.summary}; window of ${chosen.map((one) => one.detail).join('; ')}` };
}

function datedChanges(
  services: Pick<Services, 'registry' | 'clock'>,
  pipeline: Pipeline,
  when: When,
  { champion, drift, performance }: Verdicts,
): readonly DatedChange[] {
  const earlier = lastKnown(services, pipeline, when);
  const known = earlier?.champion === champion?.version ? (earlier?.changes ?? []) : [];
  const found = [
    ...championChanges(services, pipeline, when),
    ...unjudgedChanges(known, drift?.features ?? []),
    ...driftChanges({
      features: drift?.features ?? [],
      current: drift?.current,
      windowMs: pipeline.monitor?.current?.windowMs,
      now: when.now,
      known,
    }),
    ...fallChanges(fallsOf(services, pipeline, when, performance)),
  ];
  return [...new Map(found.map((one) => [JSON.stringify(one), one])).values()];
}

/** Newest checks that are searched for the change behind a fall. */
const CHECKS = 50;

/** The falls that were known by then, the one that this decision has just found included. */
function fallsOf(
  { registry }: Pick<Services, 'registry'>,
  pipeline: Pipeline,
  { now }: When,
  performance: readonly PerformanceReport[],
): readonly SeenFall[] {
  const stored = registry.performance.episodes(pipeline.name).filter((one) => one.now <= now);
  const checks = stored.length === 0 ? [] : registry.performance.checks(pipeline.name, CHECKS);
  const reports = [...performance, ...checks.filter((one) => one.asOf <= now)];
  const own = performance.flatMap(({ metric, windowMs, episode }) =>
    metric === undefined || episode === undefined ? [] : [{ metric, windowMs, opened: episode.opened, end: undefined }],
  );
  const fresh = own.filter(
    ({ metric, opened }) => !stored.some((one) => one.metric === metric && one.opened === opened),
  );
  return [...stored, ...fresh].map((episode) => {
    const seen = reports.find(
      (one) =>
        one.metric === episode.metric &&
        one.windowMs === episode.windowMs &&
        one.episode?.opened === episode.opened &&
        one.change !== undefined,
    );
    return { episode, change: seen?.change ?? ('change' in episode ? episode.change : undefined) };
  });
}
