import { checkData } from '../data/check-data.js';
import { usedSchemas } from '../data/keep-schemas.js';
import { type DriftReport, hasMoved } from '../domain/data/drift.js';
import type { DataReport, Finding } from '../domain/data/finding.js';
import type { PerformanceReport } from '../domain/data/performance.js';
import type { DecidedWindows } from '../domain/data/training-window.js';
import type { DecisionOutcome, EvaluatedCondition, RetrainDecision } from '../domain/decisions/decision.js';
import type { RetrainReport } from '../domain/decisions/retrain-report.js';
import type { Failure } from '../domain/failure.js';
import type { ContentHash, DecisionId } from '../domain/ids.js';
import type { ModelVersion } from '../domain/models/model.js';
import type { ExecutorName } from '../domain/pipeline/executor.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { RunTrigger } from '../domain/runs/run.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { timedNow, type When } from '../domain/when.js';
import { checkDrift } from '../drift/check-drift.js';
import { findDataBugs } from '../drift/find-data-bugs.js';
import { withoutUnclear } from '../drift/judge/settle-unclear.js';
import { recordWindow } from '../drift/window-history.js';
import { championOf } from '../models/champion.js';
import { goesBackward } from '../models/ledger.js';
import { canCompare } from '../pipeline/parse/sections/reference.js';
import { refuseSharing } from '../pipeline/shared-names.js';
import { undelivered } from '../serving/check-serving.js';
import { withPipelineLock } from '../serving/pipeline-lock.js';
import { refuseRewound } from '../serving/rewound-registry.js';
import { asTick } from './as-tick.js';
import { decidedWindows, windowed } from './dated-changes.js';
import { trainingOf, whyFromZero, zeroed } from './full-training.js';
import { decide, type Situation, type Verdict } from './judge/decide.js';
import { evaluateCondition, firedLeaves } from './judge/evaluate-condition.js';
import { measure } from './measure-conditions.js';
import { pastOf } from './past-decisions.js';
import { recordDecision } from './record-decision.js';
import { settleDecisions } from './settle-decisions.js';
import { type HoldingFindings, withStanding } from './standing-findings.js';
import { trainAndPublish } from './train-and-publish.js';

export interface RetrainOptions extends When {
  readonly isForced: boolean;
  readonly isDryRun: boolean;
  /** The model is trained from zero, also where it could start from the champion. */
  readonly isFromZero?: boolean;
  /** The reason for forcing it, recorded with the decision. */
  readonly reason?: string;
  readonly waitMs?: number;
  /** How many steps run at a time. Defaults to the number of processors. */
  readonly jobs?: number;
  /** Where all steps of the training run, instead of what each says. */
  readonly executor?: ExecutorName;
  /** Skips scoring earlier versions on the new test data. */
  readonly isEarnedLeftOut?: boolean;
}

/**
 * Checks data and drift, evaluates the triggers and records the decision. If it is to retrain: trains, judges and
 * publishes.
 */
export async function retrain(
  services: Services,
  pipeline: Pipeline,
  options: RetrainOptions,
): Promise<Result<RetrainReport, Failure>> {
  const missing = missingSections(pipeline, options);
  if (missing !== undefined) return err(missing);
  const work = async (): Promise<Result<RetrainReport, Failure>> => {
    const done = await retrainLocked(services, pipeline, timedNow(services, options));
    return done.ok ? ok({ ...done.value, serving: undelivered(services, pipeline) }) : done;
  };
  if (options.isDryRun) {
    const current = await refuseRewound(services, pipeline);
    return current.ok ? work() : current;
  }
  return asTick(services, pipeline, options, () => withPipelineLock(services, pipeline, options.waitMs, work));
}

/** The section that a pipeline needs to be retrained. */
export function missingSections(pipeline: Pipeline, options: Pick<RetrainOptions, 'isForced'>): Failure | undefined {
  const base = { code: 'section-missing' as const, pipeline: pipeline.file, command: 'retrain' };
  if (pipeline.model === undefined)
    return { ...base, section: 'model', lines: `model: ${pipeline.steps.at(-1)?.outputs[0]?.path ?? 'model.pkl'}` };
  if (pipeline.retrain === undefined && !options.isForced)
    return { ...base, section: 'retrain', lines: 'retrain: weekly' };
  return undefined;
}

interface Checked {
  readonly data: readonly DataReport[];
  readonly drift?: DriftReport;
  readonly findings: readonly Finding[];
  /** Columns that changed because of a fault or a changed world. */
  readonly unclear: readonly Finding[];
}

async function retrainLocked(
  services: Services,
  pipeline: Pipeline,
  options: RetrainOptions,
): Promise<Result<RetrainReport, Failure>> {
  if (!options.isDryRun) settleDecisions(services, pipeline);
  const backward = options.isDryRun ? undefined : goesBackward(services, pipeline, options);
  if (backward !== undefined) return err(backward);
  const own = await refuseSharing(services, pipeline);
  if (!own.ok) return own;
  const decided = await decideNow(services, pipeline, options);
  if (!decided.ok) return decided;
  if (options.isDryRun) return ok(decided.value.report);
  const recorded = await recordAll(services, pipeline, options, decided.value.report);
  if (!recorded.ok) return recorded;
  if (recorded.value.decision.decision !== 'retrain') return ok(recorded.value);
  return trainAsDecided(services, pipeline, options, { ...decided.value, report: recorded.value });
}

interface Decided {
  readonly report: RetrainReport;
  readonly champion: ModelVersion | undefined;
  /** Why the training starts from zero. Absent: it may start from the champion. */
  readonly zero: string | undefined;
  readonly windows: DecidedWindows | undefined;
}

/** Checks data and drift, evaluates the triggers, and decides whether to retrain, from what and on which rows. */
async function decideNow(
  services: Services,
  pipeline: Pipeline,
  options: RetrainOptions,
): Promise<Result<Decided, Failure>> {
  const checked = await checkAll(services, pipeline, options);
  if (!checked.ok) return checked;
  const { data, drift, findings, unclear } = checked.value;
  const champion = championOf(services, pipeline, options);
  const weighed = await weigh(services, pipeline, options, { champion, checked: checked.value });
  if (!weighed.ok) return weighed;
  const { performance } = weighed.value;
  const zero =
    weighed.value.verdict.decision === 'retrain'
      ? whyFromZero(services, pipeline, { ...options, champion, drift })
      : undefined;
  const windows = decidedWindows(services, pipeline, options, { champion, drift, performance });
  const verdict = windowed(zeroed(weighed.value.verdict, zero), windows);
  const report: RetrainReport = {
    training: trainingOf(pipeline, { champion, verdict, zero }),
    decision: decisionRow(services, pipeline, options, { ...weighed.value, verdict, champion, drift, windows }),
    data,
    drift,
    findings: [...findings, ...unclear],
  };
  return ok({ report, champion, zero, windows });
}

interface RecordedReport extends RetrainReport {
  readonly decision: RetrainDecision;
}

/** Records the decision, what it found in the data, and the window that it compared. */
async function recordAll(
  services: Services,
  pipeline: Pipeline,
  options: RetrainOptions,
  report: RetrainReport,
): Promise<Result<RecordedReport, Failure>> {
  const schemas = await usedSchemas(services, pipeline, options);
  if (!schemas.ok) return schemas;
  const { id, decision } = recordDecision(services, pipeline, report.decision);
  recordFindings(services, pipeline, options, { id, findings: report.findings, schemas: schemas.value });
  if (report.drift !== undefined) recordWindow(services, pipeline, options, report.drift);
  return ok({ ...report, decision: { ...decision, id } });
}

/** Trains, judges and publishes, and records how the decision turned out. */
async function trainAsDecided(
  services: Services,
  pipeline: Pipeline,
  options: RetrainOptions,
  { report, champion, zero, windows }: Decided & { readonly report: RecordedReport },
): Promise<Result<RetrainReport, Failure>> {
  const { decision } = report;
  const trained = await trainAndPublish(services, pipeline, {
    ...options,
    decision: decision.id,
    trigger: triggerOf(decision),
    champion,
    isFromZero: zero !== undefined,
    windows: windows?.windows,
  });
  if (!trained.ok) {
    recordOutcome(services, { decision: decision.id, outcome: 'failed', at: services.clock.now() });
    return trained;
  }
  recordOutcome(services, trained.value.row);
  return ok({ ...report, ...trained.value.report });
}

const recordOutcome = (services: Services, outcome: DecisionOutcome): void =>
  services.registry.decisions.recordOutcome(outcome);

/** Checks the data of now, and what earlier checks found in rows that the next training would still read. */
async function checkAll(services: Services, pipeline: Pipeline, when: When): Promise<Result<Checked, Failure>> {
  const checked = await checkDataAndDrift(services, pipeline, when);
  if (!checked.ok) return checked;
  const recheck = async (then: When): Promise<HoldingFindings | undefined> => {
    const found = await checkDataAndDrift(services, pipeline, then);
    return found.ok ? found.value : undefined;
  };
  return ok({ ...checked.value, ...(await withStanding(services, pipeline, when, { ...checked.value, recheck })) });
}

/** Checks data and drift in parallel. Without data or a reference there is nothing to compare. */
async function checkDataAndDrift(
  services: Services,
  pipeline: Pipeline,
  when: When,
): Promise<Result<Checked, Failure>> {
  services.emit({ type: 'phase', text: 'checking data and drift' });
  const isComparable = canCompare(pipeline.monitor);
  const [data, drift] = await Promise.all([
    checkData(services, pipeline, { ...when, findDataBugs }),
    isComparable ? checkDrift(services, pipeline, when) : undefined,
  ]);
  if (!data.ok) return data;
  const problems = data.value.flatMap((report) => report.problems);
  const found = problems.filter((one) => one.severity === 'error');
  const doubtful = problems.filter((one) => one.severity === 'unclear');
  // Broken data may make the comparison fail too. Then the findings are the result, not the failure.
  if (drift === undefined || (!drift.ok && found.length > 0))
    return ok({ data: data.value, findings: found, unclear: doubtful });
  if (!drift.ok) return drift;
  const report = pipeline.retrain?.onUnclear === 'ignore' ? withoutUnclear(drift.value) : drift.value;
  const known = new Set(found.map((one) => one.id));
  const findings = [...found, ...report.dataBugs.filter((one) => !known.has(one.id))];
  // The comparison knows more about the monitored dataset than the data check does.
  const { dataset } = pipeline.monitor?.current ?? {};
  const others = doubtful.filter((one) => one.dataset !== dataset);
  return ok({ data: data.value, drift: report, findings, unclear: [...report.unclear, ...others] });
}

interface Known {
  readonly champion: ModelVersion | undefined;
  readonly checked: Checked;
}

interface Weighed {
  readonly verdict: Verdict;
  readonly conditions?: EvaluatedCondition;
  /** The checks of performance that the conditions asked for. */
  readonly performance: readonly PerformanceReport[];
}

async function weigh(
  services: Services,
  pipeline: Pipeline,
  options: RetrainOptions,
  { champion, checked }: Known,
): Promise<Result<Weighed, Failure>> {
  const measured =
    champion === undefined || pipeline.retrain === undefined
      ? ok(undefined)
      : await measure(services, pipeline, options, {
          champion,
          drift: checked.drift ?? 'no monitor section',
          isDryRun: options.isDryRun,
        });
  if (!measured.ok) return measured;
  const conditions =
    measured.value === undefined || pipeline.retrain === undefined
      ? undefined
      : evaluateCondition(pipeline.retrain.when, measured.value);
  const situation: Situation = {
    ...pastOf(services, pipeline, options),
    now: options.now,
    hasChampion: champion !== undefined,
    isForced: options.isForced,
    dataBugs: checked.findings,
    unclear: checked.unclear,
    windowMs: pipeline.monitor?.current?.windowMs,
    forcedBecause: options.reason,
    spec: pipeline.retrain,
    conditions,
  };
  const performance = Object.values(measured.value?.performance ?? {}).filter((one) => typeof one !== 'string');
  return ok({ verdict: decide(situation), conditions, performance });
}

interface WeighedChampion extends Weighed {
  readonly champion: ModelVersion | undefined;
  readonly drift: DriftReport | undefined;
  readonly windows: DecidedWindows | undefined;
}

const decisionRow = (
  services: Services,
  pipeline: Pipeline,
  options: RetrainOptions,
  { verdict, conditions, champion, drift, windows }: WeighedChampion,
): Omit<RetrainDecision, 'id'> => ({
  ...verdict,
  pipeline: pipeline.name,
  actor: services.surroundings.actor(),
  decidedAt: services.clock.now(),
  now: options.now,
  conditions,
  drift:
    drift === undefined
      ? undefined
      : {
          verdict: drift.verdict,
          drifted: drift.features.filter(hasMoved).map((one) => one.name),
          total: drift.total,
        },
  championVersion: champion === undefined ? undefined : champion.version,
  windows,
});

function recordFindings(
  services: Services,
  pipeline: Pipeline,
  options: RetrainOptions,
  found: {
    readonly id: DecisionId;
    readonly findings: readonly Finding[];
    readonly schemas: Readonly<Record<string, ContentHash>>;
  },
): void {
  services.registry.findings.record({
    pipeline: pipeline.name,
    scope: 'data',
    findings: found.findings,
    schemas: found.schemas,
    decision: found.id,
    seenAt: services.clock.now(),
    now: options.now,
  });
}

/** The cause that a run records: the first trigger that fired, with its measured values. */
function triggerOf({ because, summary }: Pick<RetrainDecision, 'because' | 'summary'>): RunTrigger {
  const fired = firedLeaves(because);
  const first = fired[0] ?? because;
  // The first fired trigger that knows since when the world has changed.
  const since = fired.find((one) => one.since !== undefined)?.since;
  return {
    kind: first.condition,
    detail: first.detail ?? summary,
    measured: first.measured,
    threshold: first.threshold,
    since,
  };
}
