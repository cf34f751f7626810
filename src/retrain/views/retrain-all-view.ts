import type { RetrainReport } from '../../domain/decisions/retrain-report.js';
import type { Failure } from '../../domain/failure.js';
import type { JsonObject } from '../../domain/support/json.js';
import type { View, ViewPart } from '../../domain/view.js';
import { asFields, line, strong, toned } from '../../render/parts/parts.js';
import { retrainView } from './retrain-view.js';

const NOBODY: ViewPart = { kind: 'line', line: ['no pipeline here has a "retrain" section: nothing was decided'] };

/** Names of pipelines by what became of them, for a step of a CI job to choose by. */
function listsOf(reports: readonly RetrainReport[], failed: readonly string[]): JsonObject {
  const named = (isOne: (report: RetrainReport) => boolean): readonly string[] =>
    reports.filter(isOne).map(({ decision }) => decision.pipeline);
  return {
    retrained: named(({ decision }) => decision.decision === 'retrain'),
    published: named(({ move }) => move !== undefined),
    pending: named(({ outcome }) => outcome === 'pending-approval'),
    refused: named(({ outcome }) => outcome === 'gate-refused'),
    held: named(({ decision }) => decision.decision === 'hold'),
    paused: named(({ decision }) => decision.decision === 'paused'),
    failed: [...named(({ outcome }) => outcome === 'failed'), ...failed],
  };
}

/** The document of `retrain --all`. */
export function retrainAllView(
  reports: readonly RetrainReport[],
  failed: readonly { readonly pipeline: string; readonly failure: Failure }[],
): View {
  const views = reports.map(retrainView);
  return {
    json: {
      ...listsOf(
        reports,
        failed.map(({ pipeline }) => pipeline),
      ),
      pipelines: views.map((view) => view.json),
      failures: failed.map(({ pipeline, failure }) => ({ pipeline, ...asFields(failure) })),
    },
    parts:
      views.length + failed.length === 0
        ? [NOBODY]
        : [
            ...views.flatMap((view) => view.parts),
            ...failed.map(({ pipeline, failure }) => line(strong(pipeline), ' ', toned(failure.code, 'bad'))),
          ],
  };
}
