import type { TestProblem, TestReport } from '../../domain/runs/test-report.js';
import type { JsonObject } from '../../domain/support/json.js';
import { assertNever } from '../../domain/support/result.js';
import type { View } from '../../domain/view.js';
import { gateJson, gateParts } from '../../gate/views/gate-view.js';
import {
  asFields,
  asJson,
  dim,
  figure,
  heading,
  line,
  plural,
  scoresText,
  short,
  strong,
  table,
  toned,
  word,
} from '../../render/parts/parts.js';
import { stepJson, stepsTable } from './run-view.js';

/** The document of `test`. */
export function testView(report: TestReport): View {
  const { problems, executions, notStarted, repeated, kept } = report;
  const verdict = problems.length === 0 ? 'pass' : 'fail';
  return {
    json: {
      pipeline: report.pipeline,
      profile: 'test',
      verdict,
      problems: problems.map((problem) => ({ ...facts(problem), detail: detailOf(problem) })),
      steps: [
        ...executions.map((execution) => ({ ...stepJson(execution), log: null })),
        ...notStarted.map(({ step, status }) => ({ name: step, status, reasons: [], attempts: 0 })),
      ],
      evaluation: report.evaluation === undefined ? null : asJson(report.evaluation.metrics),
      gate: report.gate === undefined ? null : gateJson(report.gate),
      repeated: [...repeated],
      kept: kept ?? null,
    },
    parts: [
      line(
        'test of ',
        strong(report.pipeline),
        ' ',
        word(verdict),
        dim(' under profiles.test, in a scratch workspace'),
      ),
      stepsTable(executions, notStarted),
      ...(report.evaluation === undefined ? [] : [line('scored ', scoresText(report.evaluation))]),
      ...(report.gate === undefined ? [] : gateParts(report.gate)),
      ...(problems.length === 0
        ? [line(dim(`twice the same bytes: ${repeated.join(', ') || 'no step could be compared'}`))]
        : [
            heading(plural(problems.length, 'problem')),
            table(
              ['step', 'problem', 'detail'],
              problems.map((problem) => [strong(problem.step), toned(problem.code, 'bad'), detailOf(problem)]),
            ),
          ]),
      ...(kept === undefined ? [] : [line(dim('the scratch workspace is left in '), kept)]),
    ],
  };
}

/** The failure's own code is more specific than `step-failed`. */
const facts = (problem: TestProblem): JsonObject =>
  problem.code === 'step-failed' ? { ...asFields(problem.failure), step: problem.step } : asJson(problem);

function detailOf(problem: TestProblem): string {
  switch (problem.code) {
    case 'step-failed':
      return problem.failure.code;
    case 'output-empty':
      return `${problem.output} is empty (expect: { outputs: { ${problem.output}: { not_empty: false } } } allows it)`;
    case 'loss-not-falling':
      return `${problem.metric} went from ${figure(problem.first)} to ${figure(problem.last)} (means of the first and the last fifth)`;
    case 'gate-cannot-judge':
      return `${problem.check}: ${problem.detail}`;
    case 'not-repeatable':
      return `${problem.output} differs over two runs with the same inputs: ${short(problem.before)}, then ${short(problem.after)}`;
    default:
      return assertNever(problem);
  }
}
