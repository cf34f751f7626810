import { windowJson } from '../../data/views/window-view.js';
import type { Plan, PlannedStep, Reason } from '../../domain/pipeline/plan.js';
import type { View } from '../../domain/view.js';
import { asJson, dim, line, strong, table, toned, word } from '../../render/parts/parts.js';

/** Reasons of one kind that a table names; --json has them all. A dataset has a file for each day. */
const MOST_REASONS = 5;

/** All reasons on one line, of each kind the first five. */
export function reasonTexts(reasons: readonly Reason[]): readonly string[] {
  const codes = [...new Set(reasons.map((reason) => reason.code))];
  return codes.flatMap((code) => {
    const own = reasons.filter((reason) => reason.code === code);
    if (own.length <= MOST_REASONS + 1) return own.map(reasonText);
    return [...own.slice(0, MOST_REASONS).map(reasonText), `${code} ${own.length - MOST_REASONS} more`];
  });
}

/** `param-changed trees: 40 → 60`. */
const reasonText = (reason: Reason): string => {
  const change =
    reason.before === undefined && reason.after === undefined
      ? ''
      : `: ${reason.before ?? 'nothing'} → ${reason.after ?? 'nothing'}`;
  return `${reason.code} ${reason.detail}${change}`;
};

/** The run that made the outputs to restore. */
const originOf = ({ restoreFrom }: PlannedStep): readonly string[] =>
  restoreFrom === undefined ? [] : [`from run ${restoreFrom}`];

export function planView(plan: Plan): View {
  const rows = plan.steps.map((step) => [
    strong(step.name),
    step.action === 'run' ? toned('run', 'warn') : word(step.action),
    dim([...reasonTexts(step.reasons), ...originOf(step)].join('; ')),
  ]);
  return {
    json: {
      pipeline: plan.pipeline,
      steps: plan.steps.map((step) => ({
        name: step.name,
        action: step.action,
        reasons: step.reasons.map((reason) => ({
          code: reason.code,
          detail: reason.detail,
          before: reason.before,
          after: reason.after,
        })),
        ...asJson({ fingerprint: step.fingerprint, restore_from: step.restoreFrom }),
      })),
      windows: plan.windows.map(windowJson),
      warnings: [...plan.warnings],
    },
    parts: [
      table(['step', 'action', 'why'], rows),
      ...plan.windows.map(({ detail }) => line(dim('window of '), detail)),
      ...plan.warnings.map((text) => line(toned('warning ', 'warn'), text)),
    ],
  };
}
