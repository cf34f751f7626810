import { decide, type Situation, type Verdict } from '../decide/decide.js';
import { evaluateCondition, firedLeaves } from '../decide/evaluate-condition.js';
import type { DecisionOutcome } from '../domain/decision.js';
import type { DriftReport } from '../domain/drift.js';
import type { Failure } from '../domain/failure.js';
import type { DataReport, Finding } from '../domain/finding.js';
import type { ContentHash, DecisionId } from '../domain/ids.js';
import type { ModelVersion } from '../domain/model.js';
import type { Pipeline } from '../domain/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/result.js';
import type { RetrainReport } from '../domain/retrain-report.js';
import type { RunTrigger } from '../domain/run.js';
import { checkData } from './check-data.js';
import { checkDrift } from './check-drift.js';
import { goesBackward } from './ledger.js';
import { measure } from './measure.js';
import { championOf } from './reference.js';
import { withPipelineLock } from './run-pipeline.js';
import { trainAndPublish } from './train-and-publish.js';
import type { When } from './window.js';
import { recordWindow } from './window-history.js';

export interface RetrainOptions extends When {
  readonly isForced: boolean;
  readonly isDryRun: boolean;
  readonly waitMs?: number;
}

/** Looks at data and drift, weighs the triggers, records the decision, and where it is yes: trains, judges, publishes. */
export async function retrain(
  services: Services,
  pipeline: Pipeline,
  options: RetrainOptions,
): Promise<Result<RetrainReport, Failure>> {
  const missing = missingSections(pipeline, options);
  if (missing !== undefined) return err(missing);
  // waiting for the lock takes time, and another tick may have decided meanwhile
  const work = () =>
    retrainLocked(services, pipeline, options.isNowGiven ? options : { ...options, now: services.clock.now() });
  return options.isDryRun ? work() : withPipelineLock(services, pipeline, options.waitMs, work);
}

function missingSections(pipeline: Pipeline, options: RetrainOptions): Failure | undefined {
  const base = { code: 'section-missing' as const, pipeline: pipeline.file, command: 'retrain' };
  if (pipeline.model === undefined)
    return { ...base, section: 'model', lines: `model: ${pipeline.steps.at(-1)?.outputs[0]?.path ?? 'model.pkl'}` };
  if (pipeline.retrain === undefined && !options.isForced)
    return { ...base, section: 'retrain', lines: 'retrain: weekly' };
  return undefined;
}

interface Looked {
  readonly data: readonly DataReport[];
  readonly drift?: DriftReport;
  readonly findings: readonly Finding[];
}

async function retrainLocked(
  services: Services,
  pipeline: Pipeline,
  options: RetrainOptions,
): Promise<Result<RetrainReport, Failure>> {
  const backward = options.isDryRun ? undefined : goesBackward(services, pipeline, options);
  if (backward !== undefined) return err(backward);
  const looked = await look(services, pipeline, options);
  if (!looked.ok) return looked;
  const champion = championOf(services, pipeline);
  const weighed = await weigh(services, pipeline, options, { champion, looked: looked.value });
  if (!weighed.ok) return weighed;
  const verdict = weighed.value;
  const decision = decisionRow(services, pipeline, options, { verdict, champion });
  const base: RetrainReport = {
    decision,
    data: looked.value.data,
    ...(looked.value.drift === undefined ? {} : { drift: looked.value.drift }),
  };
  if (options.isDryRun) return ok(base);
  const schemas = await keepSchemas(services, pipeline);
  if (!schemas.ok) return schemas;
  const id = services.registry.decisions.record(decision);
  recordLook(services, pipeline, options, { id, findings: looked.value.findings, schemas: schemas.value });
  if (looked.value.drift !== undefined) recordWindow(services, pipeline, options, looked.value.drift);
  const recorded = { ...base, decision: { ...decision, id } };
  if (verdict.decision !== 'retrain') return ok(recorded);
  const trained = await trainAndPublish(services, pipeline, {
    ...options,
    decision: id,
    trigger: triggerOf(verdict),
    champion,
  });
  if (!trained.ok) {
    recordOutcome(services, { decision: id, outcome: 'failed', at: services.clock.now() });
    return trained;
  }
  recordOutcome(services, trained.value.row);
  return ok({ ...recorded, ...trained.value.report });
}

const recordOutcome = (services: Services, outcome: DecisionOutcome): void =>
  services.registry.decisions.recordOutcome(outcome);

/** Data and drift side by side; without data or a reference there is nothing to compare. */
async function look(services: Services, pipeline: Pipeline, when: When): Promise<Result<Looked, Failure>> {
  services.emit({ type: 'phase', text: 'checking data and drift' });
  const canCompare = pipeline.monitor?.reference !== undefined && pipeline.monitor.current !== undefined;
  const [data, drift] = await Promise.all([
    checkData(services, pipeline, when),
    canCompare ? checkDrift(services, pipeline, when) : undefined,
  ]);
  if (!data.ok) return data;
  const found = data.value.flatMap((report) => report.problems).filter((one) => one.severity === 'error');
  // what broke the data breaks the comparison too: then the finding is the answer, not the failure it caused
  if (drift === undefined || (!drift.ok && found.length > 0)) return ok({ data: data.value, findings: found });
  if (!drift.ok) return drift;
  const known = new Set(found.map((one) => one.id));
  const findings = [...found, ...drift.value.dataBugs.filter((one) => !known.has(one.id))];
  return ok({ data: data.value, drift: drift.value, findings });
}

interface Known {
  readonly champion: ModelVersion | undefined;
  readonly looked: Looked;
}

async function weigh(
  services: Services,
  pipeline: Pipeline,
  options: RetrainOptions,
  { champion, looked }: Known,
): Promise<Result<Verdict, Failure>> {
  const { decisions } = services.registry;
  const past = decisions.list({ pipeline: pipeline.name, decision: 'retrain', limit: 1000 });
  const outcomes = past.map((one) => decisions.outcome(one.id)?.outcome);
  const good = outcomes.findIndex((outcome) => outcome !== 'failed' && outcome !== undefined);
  const measured =
    champion === undefined || pipeline.retrain === undefined
      ? ok(undefined)
      : await measure(services, pipeline, options, { champion, drift: looked.drift ?? 'no monitor section' });
  if (!measured.ok) return measured;
  const situation: Situation = {
    now: options.now,
    hasChampion: champion !== undefined,
    isForced: options.isForced,
    dataBugs: looked.findings,
    retrainedAt: past.map((one) => one.now),
    failuresInARow: good < 0 ? outcomes.length : good,
    ...(pipeline.retrain === undefined ? {} : { spec: pipeline.retrain }),
    ...(measured.value === undefined || pipeline.retrain === undefined
      ? {}
      : { conditions: evaluateCondition(pipeline.retrain.when, measured.value) }),
  };
  return ok(decide(situation));
}

interface Decided {
  readonly verdict: Verdict;
  readonly champion: ModelVersion | undefined;
}

const decisionRow = (
  services: Services,
  pipeline: Pipeline,
  options: RetrainOptions,
  { verdict, champion }: Decided,
) => ({
  ...verdict,
  pipeline: pipeline.name,
  actor: services.surroundings.actor(),
  decidedAt: services.clock.now(),
  now: options.now,
  ...(champion === undefined ? {} : { championVersion: champion.version }),
});

function recordLook(
  services: Services,
  pipeline: Pipeline,
  options: RetrainOptions,
  look: {
    readonly id: DecisionId;
    readonly findings: readonly Finding[];
    readonly schemas: Readonly<Record<string, ContentHash>>;
  },
): void {
  services.registry.findings.record({
    pipeline: pipeline.name,
    scope: 'data',
    findings: look.findings,
    schemas: look.schemas,
    decision: look.id,
    seenAt: services.clock.now(),
    now: options.now,
  });
}

/** The schema files that the data was held to: a decision can be understood when they have changed. */
async function keepSchemas(
  services: Services,
  pipeline: Pipeline,
): Promise<Result<Readonly<Record<string, ContentHash>>, Failure>> {
  const kept: Record<string, ContentHash> = {};
  for (const { name, checks } of pipeline.datasets) {
    if (checks.schemaText === undefined) continue;
    const saved = await services.artifacts.saveText(checks.schemaText);
    if (!saved.ok) return saved;
    kept[name] = saved.value.hash;
  }
  return ok(kept);
}

/** What a run that comes of this decision says of its cause: the first trigger that fired, with its figures. */
function triggerOf({ because, summary }: Verdict): RunTrigger {
  const fired = firedLeaves(because);
  const first = fired[0] ?? because;
  // whichever of them knows since when the world is another
  const since = fired.find((one) => one.since !== undefined)?.since;
  return {
    kind: first.condition,
    detail: first.detail ?? summary,
    ...(first.measured === undefined ? {} : { measured: first.measured }),
    ...(first.threshold === undefined ? {} : { threshold: first.threshold }),
    ...(since === undefined ? {} : { since }),
  };
}
