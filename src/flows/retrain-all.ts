import type { Failure } from '../domain/failure.js';
import type { Services } from '../domain/ports/services.js';
import type { RetrainReport } from '../domain/retrain-report.js';
import type { View, ViewPart } from '../domain/view.js';
import { retrainView } from '../report/retrain-view.js';
import { listPipelineFiles, loadPipeline } from './load-pipeline.js';
import { type RetrainOptions, retrain } from './retrain.js';

const NOBODY: ViewPart = { kind: 'line', line: ['no pipeline here has a "retrain" section: nothing was decided'] };

export interface RetrainedAll {
  readonly view: View;
  readonly reports: readonly RetrainReport[];
  readonly failures: readonly Failure[];
}

/** Every pipeline with a `retrain` section, one after the other; one that fails does not keep the others from their turn. */
export async function retrainAll(services: Services, options: RetrainOptions): Promise<RetrainedAll> {
  const reports: RetrainReport[] = [];
  const failures: Failure[] = [];
  for (const file of await listPipelineFiles(services)) {
    // interrupted: what has not begun has not failed
    if (services.signal.aborted) break;
    const loaded = await loadPipeline(services, file);
    if (!loaded.ok) failures.push(loaded.error);
    else if (loaded.value.pipeline.retrain !== undefined) {
      const done = await retrain(services, loaded.value.pipeline, options);
      if (done.ok) reports.push(done.value);
      else failures.push(done.error);
    }
  }
  const views = reports.map(retrainView);
  return {
    reports,
    failures,
    view: {
      json: { pipelines: views.map((view) => view.json) },
      parts: views.length + failures.length === 0 ? [NOBODY] : views.flatMap((view) => view.parts),
    },
  };
}
