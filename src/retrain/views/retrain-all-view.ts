import type { RetrainReport } from '../../domain/decisions/retrain-report.js';
import type { Failure } from '../../domain/failure.js';
import type { View, ViewPart } from '../../domain/view.js';
import { asFields, line, strong, toned } from '../../render/parts/parts.js';
import { retrainView } from './retrain-view.js';

const NOBODY: ViewPart = { kind: 'line', line: ['no pipeline here has a "retrain" section: nothing was decided'] };

/** The document of `retrain --all`. */
export function retrainAllView(
  reports: readonly RetrainReport[],
  failed: readonly { readonly pipeline: string; readonly failure: Failure }[],
): View {
  const views = reports.map(retrainView);
  return {
    json: {
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
