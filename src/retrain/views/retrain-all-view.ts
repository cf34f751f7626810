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

export interface FailedPipeline {
  /** Its name; of a file that cannot be read, the name of the file. */
  readonly pipeline: string;
  readonly file: string;
  readonly failure: Failure;
}

/** The document of `retrain --all`. */
export function retrainAllView(reports: readonly RetrainReport[], failed: readonly FailedPipeline[]): View {
  const views = reports.map(retrainView);
  return {
    json: {
      ...listsOf(
        reports,
        failed.map(({ pipeline }) => pipeline),
      ),
      pipelines: views.map((view) => view.json),
      failures: failed.map(({ pipeline, file, failure }) => ({ ...asFields(failure), pipeline, file })),
    },
    parts:
      views.length + failed.length === 0
        ? [NOBODY]
        : [
            ...views.flatMap((view) => view.parts),
            ...failed.map(({ file, failure }) => line(strong(file), ' ', toned(failure.code, 'bad'))),
          ],
  };
}
