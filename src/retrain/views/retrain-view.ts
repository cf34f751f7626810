import { dataJson, findingJson, findingParts, unclearParts } from '../../data/views/data-view.js';
import { isRowwise } from '../../data/views/resolve-view.js';
import { windowJson } from '../../data/views/window-view.js';
import type { Finding } from '../../domain/data/finding.js';
import type { EvaluatedCondition, RetrainDecision } from '../../domain/decisions/decision.js';
import type { RetrainReport } from '../../domain/decisions/retrain-report.js';
import type { AliasMove } from '../../domain/models/model.js';
import type { JsonObject } from '../../domain/support/json.js';
import { toIso } from '../../domain/support/time.js';
import type { Span, View, ViewPart } from '../../domain/view.js';
import { driftJson } from '../../drift/views/drift-view.js';
import { gateJson, gateParts, servingFailure } from '../../gate/views/gate-view.js';
import { moveJson } from '../../models/views/move-json.js';
import {
  asJson,
  besideLimit,
  dim,
  line,
  moment,
  scoresText,
  shown,
  strong,
  toned,
  word,
} from '../../render/parts/parts.js';
import { runJson, stepJson, stepsTable } from '../../run/views/run-view.js';
import { servedAtParts } from '../../serving/views/served-at.js';
import { servingParts } from '../../serving/views/serving-finding.js';

/** The condition tree with its measured values, with times as ISO text. */
export function conditionJson(condition: EvaluatedCondition): JsonObject {
  const { of, since, windowEnd, heldPeriod, ...rest } = condition;
  return {
    ...asJson(rest),
    ...(heldPeriod === undefined
      ? {}
      : { held_period: { from: toIso(heldPeriod.from), held_at: toIso(heldPeriod.heldAt) } }),
    ...(since === undefined ? {} : { since: toIso(since) }),
    ...(windowEnd === undefined ? {} : { window_end: toIso(windowEnd) }),
    ...(of === undefined ? {} : { of: of.map(conditionJson) }),
  };
}

/** The document of `retrain`. */
export function retrainView(report: RetrainReport): View {
  const { decision, result, move } = report;
  return {
    json: {
      pipeline: decision.pipeline,
      decision: decision.decision,
      id: decision.id ?? null,
      summary: decision.summary,
      now: toIso(decision.now),
      because: conditionJson(decision.because),
      conditions: decision.conditions === undefined ? null : conditionJson(decision.conditions),
      champion: decision.championVersion ?? null,
      training: report.training === undefined ? null : { ...report.training },
      windows: (decision.windows?.windows ?? []).map(windowJson),
      data: report.data.map(dataJson),
      drift: report.drift === undefined ? null : driftJson(report.drift),
      findings: report.findings.map(findingJson),
      run:
        result === undefined ? null : { ...runJson(result.report.run), steps: result.report.executions.map(stepJson) },
      model_version: result?.version === undefined ? null : `${result.version.model}@${result.version.version}`,
      evaluations: (result?.evaluations ?? []).map((one) => ({
        version: one.version.version,
        metrics: asJson(one.metrics),
      })),
      gate: result?.gate === undefined ? null : gateJson(result.gate),
      outcome: report.outcome ?? null,
      promotion: move === undefined ? null : moveJson(move),
      pending: report.outcome === 'pending-approval' ? 'approval' : null,
      serving: (report.serving ?? []).map(asJson),
    },
    parts: retrainParts(report),
  };
}

function retrainParts(report: RetrainReport): readonly ViewPart[] {
  const { decision, result, move, outcome } = report;
  return [
    line(word(decision.decision), ': ', decision.summary, dim(`  (${decision.pipeline}, now ${moment(decision.now)})`)),
    ...conditionLines(decision.because),
    ...besideLines(decision),
    ...(decision.decision === 'hold' ? heldParts(report.findings) : flaggedParts(report)),
    ...(result === undefined ? [] : [stepsTable(result.report.executions, result.report.notStarted)]),
    ...(result?.evaluations ?? []).map((one) =>
      line(`scored ${one.version.model}@${one.version.version}: `, scoresText(one)),
    ),
    ...(result?.gate === undefined ? [] : gateParts(result.gate)),
    ...outcomeLines(report, outcome, move),
    ...(report.serving ?? []).flatMap(servingParts),
  ];
}

/** What holds a training, and for each finding both answers. */
function heldParts(findings: readonly Finding[]): readonly ViewPart[] {
  const broken = findings.filter((one) => one.severity === 'error');
  return [
    ...findingParts(broken),
    ...broken.flatMap(answerParts),
    ...(broken.length === 0 ? [] : [line(dim('or correct the data: the next tick checks it again'))]),
    ...unclearParts(findings.filter((one) => one.severity === 'unclear')),
  ];
}

const answerParts = (finding: Finding): readonly ViewPart[] => {
  const kept = isRowwise(finding) ? 'its rows are kept out of windows and trainings' : 'it holds until it is gone';
  const answer = (as: string): string => `refit resolve ${finding.id} --as ${as} --reason "…"`;
  return [
    line(dim(`  ${finding.id} a fault: ${kept}: `), answer('bug')),
    line(dim(`  ${finding.id} correct: it no longer holds: `), answer('normal')),
  ];
};

/** A training that reads rows with findings says so. */
const flaggedParts = ({ decision, findings }: RetrainReport): readonly ViewPart[] =>
  decision.decision !== 'retrain' || findings.length === 0
    ? []
    : [line(toned('trains on rows with findings', 'warn')), ...findingParts(findings)];

function outcomeLines(
  { result, decision, servedAt }: RetrainReport,
  outcome: RetrainReport['outcome'],
  move: AliasMove | undefined,
): readonly ViewPart[] {
  const version = result?.version === undefined ? '' : `${result.version.model}@${result.version.version}`;
  if (move !== undefined)
    return [
      line(
        toned('published ', 'good'),
        strong(version),
        dim(move.from === undefined ? ', the first version' : `, in place of version ${move.from}`),
      ),
      ...servedAtParts(servedAt),
    ];
  if (outcome === 'gate-refused')
    return [
      line(
        toned('refused ', 'bad'),
        strong(version),
        decision.championVersion === undefined
          ? '; nothing serves yet'
          : `; version ${decision.championVersion} serves on`,
      ),
    ];
  if (outcome === 'nothing-new')
    return [
      line('nothing new to train on: the result is the champion, byte for byte'),
      ...servingFailure(version, result?.gate, result?.rollbackTo),
    ];
  if (outcome === 'rolled-back-before')
    return [
      line(strong(version), ' passed, but it was rolled back from: it is not published again by itself'),
      line(dim(`to serve it all the same: refit promote ${version} --reason "…"`)),
    ];
  if (outcome === 'pending-approval')
    return [
      line(
        toned('waits for approval ', 'warn'),
        strong(version),
        decision.championVersion === undefined
          ? '; nothing serves yet'
          : `; version ${decision.championVersion} serves on`,
      ),
      line(dim(`refit approve ${version} --reason "…"   or   refit reject ${version} --reason "…"`)),
    ];
  if (outcome === 'rejected-before')
    return [
      line(strong(version), ' passed, but it was rejected: it is not published by itself'),
      line(dim(`to serve it all the same: refit approve ${version} --reason "…"`)),
    ];
  if (outcome === 'registered')
    return [line('registered ', strong(version), '; the pipeline has no "gate", so nothing is published by itself')];
  return [];
}

/** For a hold, a pause or a forced training: the state of the declared triggers. */
export function besideLines({
  because,
  conditions,
}: Pick<RetrainDecision, 'because' | 'conditions'>): readonly ViewPart[] {
  const isThere = conditions === undefined || JSON.stringify(because).includes(JSON.stringify(conditions));
  return isThere ? [] : [line(dim('  the triggers meanwhile:')), ...conditionLines(conditions)];
}

/** One line for each trigger, indented by its depth. */
export function conditionLines(condition: EvaluatedCondition, depth = 1): readonly ViewPart[] {
  const mark: Span =
    condition.state === 'fired'
      ? toned('●', 'warn')
      : condition.state === 'suggests'
        ? toned('◐', 'warn')
        : condition.state === 'undecided'
          ? toned('?', 'dim')
          : toned('○', 'dim');
  const own = line(
    '  '.repeat(depth),
    mark,
    ` ${condition.condition}${valuesText(condition)}`,
    dim(condition.detail === undefined ? '' : `  ${condition.detail}`),
  );
  return [own, ...(condition.of ?? []).flatMap((one) => conditionLines(one, depth + 1))];
}

/** `0.4, limit 0.3`. For a schedule the expression, because the detail names the time. */
function valuesText({ condition, measured, threshold }: EvaluatedCondition): string {
  if (condition === 'schedule') return threshold === undefined ? '' : ` ${shown(threshold)}`;
  if (measured === undefined) return '';
  return ` ${besideLimit(measured, threshold)}`;
}
