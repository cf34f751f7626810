import type { DataReport, Finding } from '../domain/data/finding.js';
import type { ContentHash } from '../domain/ids.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { FindingAnswer } from '../domain/ports/records/data-records.js';
import type { Services } from '../domain/ports/services.js';
import type { When } from '../domain/when.js';
import { type Calls, countCalls, inPipeline, magnitudeOf, subjectOf } from './judge/finding.js';
import type { Triage } from './judge/triage-result.js';

/** A finding up to this many times as large as one called normal is normal too. */
const SLACK = 2;

/** Applies the answers that people gave to findings of this kind in this pipeline. */
export type ApplyAnswers = (finding: Finding) => Finding;

/**
 * Reads people's answers once. The returned function gives a finding its id in this pipeline, and the severity that
 * the answers leave it.
 */
export function readAnswers(services: Pick<Services, 'registry'>, pipeline: Pipeline): ApplyAnswers {
  const answers = services.registry.findings.answers(pipeline.name);
  return (given) => {
    const [finding = given] = inPipeline(pipeline.name, [given]);
    const calls = callsOf(answers, finding.code);
    const withCalls = calls.answered === 0 ? finding : { ...finding, calls };
    const normal = answers.find((one) => one.answer === 'normal' && covers(one.finding, finding));
    const bug = answers.find((one) => one.answer === 'bug' && one.finding.id === finding.id);
    if (bug !== undefined && finding.severity === 'unclear')
      return {
        ...settled(withCalls),
        answer: 'bug',
        severity: 'error',
        detail: `${finding.detail}; called a bug: ${bug.reason}`,
      };
    if (bug !== undefined) return { ...settled(withCalls), answer: 'bug' };
    if (normal === undefined) return withCommands(withCalls);
    return { ...settled(withCalls), severity: 'warning', detail: `${finding.detail}; called normal: ${normal.reason}` };
  };
}

const settled = ({ readings: _, ...finding }: Finding): Finding => finding;

/** The readings of an unclear finding with the commands that answer it. */
const withCommands = (finding: Finding): Finding =>
  finding.readings === undefined
    ? finding
    : {
        ...finding,
        readings: finding.readings.map((one) => ({
          ...one,
          command: `refit resolve ${finding.id} --as ${one.as} --reason "…"`,
        })),
      };

function covers(normal: Finding, finding: Finding): boolean {
  if (normal.dataset !== finding.dataset || normal.code !== finding.code || subjectOf(normal) !== subjectOf(finding))
    return false;
  const [was, is] = [magnitudeOf(normal), magnitudeOf(finding)];
  return was === undefined || is === undefined ? normal.id === finding.id : is <= SLACK * was;
}

const callsOf = (answers: readonly FindingAnswer[], code: string): Calls =>
  countCalls(answers.flatMap((one) => (one.finding.code === code ? [one.answer] : [])));

/** Findings that were called normal become warnings; unclear ones that were called bugs are bugs. */
export function answeredTriage(applyAnswers: ApplyAnswers, { bugs, unclear, warnings }: Triage): Triage {
  const all = [...bugs, ...unclear, ...warnings].map(applyAnswers);
  return {
    bugs: all.filter((one) => one.severity === 'error'),
    unclear: all.filter((one) => one.severity === 'unclear'),
    warnings: all.filter((one) => one.severity === 'warning'),
  };
}

/** The report with answered findings, and the verdict that follows from them. */
export function answeredReport(applyAnswers: ApplyAnswers, report: DataReport): DataReport {
  const problems = report.problems.map(applyAnswers);
  const verdict = problems.some((one) => one.severity === 'error') ? 'fail' : problems.length > 0 ? 'warn' : 'pass';
  return { ...report, problems, verdict };
}

/** Makes findings that a command has shown known to `resolve`. */
export function recordShown(
  services: Pick<Services, 'registry' | 'clock'>,
  pipeline: Pipeline,
  {
    findings,
    schemas,
    when,
  }: {
    readonly findings: readonly Finding[];
    readonly schemas?: Readonly<Record<string, ContentHash>>;
    readonly when: When;
  },
): void {
  if (findings.length === 0) return;
  services.registry.findings.record({
    pipeline: pipeline.name,
    scope: 'shown',
    findings,
    schemas,
    seenAt: services.clock.now(),
    now: when.now,
  });
}
