import type { PipelineAct } from '../../domain/decisions/tick.js';
import type { Pipeline } from '../../domain/pipeline/pipeline.js';
import type { JsonObject } from '../../domain/support/json.js';
import { toIso } from '../../domain/support/time.js';
import type { View } from '../../domain/view.js';
import { dim, line, span, strong } from '../../render/parts/parts.js';

const actJson = (act: PipelineAct): JsonObject => ({
  act: act.kind,
  reason: act.reason,
  actor: act.actor,
  at: toIso(act.actedAt),
  now: toIso(act.now),
});

/** The document of `pause`, `resume` and `review`. */
export const pauseView = (act: PipelineAct, pipeline: Pipeline): View => ({
  json: { pipeline: act.pipeline, ...actJson(act) },
  parts: [line(strong(act.pipeline), ` ${sentenceOf(act, pipeline)}`), line(dim(`  ${act.reason}, by ${act.actor}`))],
});

function sentenceOf({ kind }: PipelineAct, { reviewEveryMs }: Pipeline): string {
  if (kind === 'pause') return 'is paused: retrain decides and trains nothing (exit 1) until "refit resume"';
  if (kind === 'resume') return 'goes on: failures before now no longer count';
  return reviewEveryMs === undefined ? 'is reviewed' : `is reviewed: the next time is in ${span(reviewEveryMs)}`;
}
