import { keptOut, profileArtifact } from '../data/windows/window.js';
import type { TableProfile } from '../domain/data/profile.js';
import type { Failure } from '../domain/failure.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import { onDisk } from '../domain/support/world-failure.js';
import type { When } from '../domain/when.js';
import { checkDrift } from '../drift/check-drift.js';
import { lineage } from '../lineage/lineage.js';
import { CHAMPION, referenceHash, referenceRun } from '../models/champion.js';
import { checkPerformance } from '../performance/check-performance.js';
import { loadPipeline } from '../pipeline/load-pipeline.js';
import { canCompare } from '../pipeline/parse/sections/reference.js';
import { deliveryOf } from '../serving/delivery.js';
import { statusOf } from '../status/status.js';
import type { PipelineFacts } from './views/pipeline-facts.js';

/** So many are shown; `status`, `decisions` and `runs` list the others. */
const MOST = { decisions: 1000, runs: 12, nodes: 80 };

/** Measures drift and performance now, and reads everything else from the registry. Records nothing. */
export async function collectFacts(
  services: Services,
  name: string,
  when: When,
): Promise<Result<PipelineFacts, Failure>> {
  const loaded = await loadPipeline(services, name);
  if (!loaded.ok) return loaded;
  const { pipeline } = loaded.value;
  const status = await statusOf(services, name, when);
  if (!status.ok) return status;
  const { monitor } = pipeline;
  const { decisions, events, findings, performance } = services.registry;
  const isMonitored = canCompare(monitor);
  return ok({
    pipeline,
    when,
    status: status.value,
    decisions: decisions
      .list({ pipeline: pipeline.name, limit: MOST.decisions })
      .toReversed()
      .map((decision) => ({ decision, outcome: decisions.outcome(decision.id) })),
    episodes: performance.episodes(pipeline.name),
    events: events.list(pipeline.name),
    answers: findings.answers(pipeline.name),
    performance:
      monitor?.predictions === undefined ? undefined : await measured(() => checkPerformance(services, pipeline, when)),
    drift: isMonitored ? await measured(() => checkDrift(services, pipeline, when)) : undefined,
    reference: isMonitored ? await referenceProfile(services, pipeline, when) : undefined,
    runs: recentRuns(services, pipeline),
    ...(await modelFacts(services, pipeline, when)),
  });
}

/** What serves is reported also where a folder of data may not be listed. */
async function measured<T>(measure: () => Promise<Result<T, Failure>>): Promise<Result<T, Failure>> {
  const done = await onDisk(measure);
  return done.ok ? done.value : done;
}

async function referenceProfile(services: Services, pipeline: Pipeline, when: When): Promise<TableProfile | undefined> {
  const { monitor } = pipeline;
  const origin = referenceRun(services, pipeline, when);
  const hash = origin === undefined ? undefined : referenceHash(services, pipeline, origin.run);
  if (monitor === undefined || hash === undefined) return undefined;
  const dataset = pipeline.datasets.find((one) => one.name === monitor.current?.dataset);
  const profiled = await profileArtifact(services, hash, keptOut(monitor, dataset));
  return profiled.ok ? profiled.value : undefined;
}

const recentRuns = ({ registry }: Pick<Services, 'registry'>, pipeline: Pipeline): PipelineFacts['runs'] =>
  registry.runs
    .list({ pipeline: pipeline.name, limit: MOST.runs })
    .map((run) => ({ run, executions: registry.runs.executions(run.id) }));

async function modelFacts(
  services: Services,
  pipeline: Pipeline,
  when: When,
): Promise<Pick<PipelineFacts, 'moves' | 'gate' | 'lineage' | 'delivery'>> {
  const model = pipeline.model?.name;
  if (model === undefined) return { moves: [] };
  const { models } = services.registry;
  const champion = models.alias(model, CHAMPION);
  const verdicts = models.versions(model).flatMap((version) => models.gateVerdicts(version).slice(0, 1));
  const subject = `${model}@${champion?.to}`;
  const graph =
    champion === undefined
      ? undefined
      : await lineage(services, subject, { direction: 'up', path: subject, limit: MOST.nodes });
  return {
    moves: models.moves(model).filter(({ alias }) => alias === CHAMPION),
    gate: verdicts.toSorted((a, b) => a.judgedAt - b.judgedAt).at(-1),
    lineage: graph?.ok === true ? graph.value : undefined,
    delivery: champion === undefined ? undefined : deliveryOf(services, model, when),
  };
}
