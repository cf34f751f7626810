import type { ModelVersion } from '../domain/models/model.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { Run } from '../domain/runs/run.js';
import type { Instant } from '../domain/support/time.js';
import type { When } from '../domain/when.js';

type Ledger = Pick<Services, 'registry'>;

/**
 * When a run trained, as a decision at `now` counts it. A run in the future of `now` was made by a machine whose clock
 * was ahead, or with a later `--now`. It counts from the moment that it was made, where the wall clock says one, else
 * from the first decision that came after it, else from now: its own time would silence every trigger until then.
 */
export function trainedAt(services: Ledger, pipeline: Pipeline, when: When, run: Run): Instant {
  if (run.now <= when.now) return run.now;
  if (!when.isNowGiven && run.startedAt <= when.now) return run.startedAt;
  const { models, decisions } = services.registry;
  const version = models.ofRun(run.id).find(({ model }) => model === pipeline.model?.name);
  const training = { pipeline: pipeline.name, run: run.id, champion: version?.version };
  return decisions.firstAfter({ ...training, until: when.now })?.now ?? when.now;
}

/**
 * Since when the champion serves, by the same rule. `undefined` if its promotion lies in the future and the pipeline has
 * no decision that could date it.
 */
export function servesSince(
  services: Ledger,
  pipeline: Pipeline,
  when: When,
  {
    version,
    move,
  }: { readonly version: ModelVersion; readonly move: { readonly now: Instant; readonly movedAt: Instant } },
): Instant | undefined {
  if (move.now <= when.now) return move.now;
  if (!when.isNowGiven && move.movedAt <= when.now) return move.movedAt;
  const { decisions } = services.registry;
  const known = decisions.firstAfter({ pipeline: pipeline.name, champion: version.version, until: when.now });
  if (known !== undefined) return known.now;
  return decisions.list({ pipeline: pipeline.name, limit: 1 }).length === 0 ? undefined : when.now;
}
