import type { OperatorAction } from '../../domain/decisions/tick.js';
import type { Pipeline } from '../../domain/pipeline/pipeline.js';
import type { JsonObject } from '../../domain/support/json.js';
import { toIso } from '../../domain/support/time.js';
import type { View } from '../../domain/view.js';
import { dim, line, span, strong } from '../../render/parts/parts.js';

const actionJson = (action: OperatorAction): JsonObject => ({
  act: action.kind,
  reason: action.reason,
  actor: action.actor,
  at: toIso(action.actedAt),
  now: toIso(action.now),
});

/** The document of `pause`, `resume` and `review`. */
export const pauseView = (action: OperatorAction, pipeline: Pipeline): View => ({
  json: { pipeline: action.pipeline, ...actionJson(action) },
  parts: [
    line(strong(action.pipeline), ` ${sentenceOf(action, pipeline)}`),
    line(dim(`  ${action.reason}, by ${action.actor}`)),
  ],
});

function sentenceOf({ kind }: OperatorAction, { reviewEveryMs }: Pipeline): string {
  if (kind === 'pause') return 'is paused: retrain decides and trains nothing (exit 1) until "refit resume"';
  if (kind === 'resume') return 'goes on: failures before now no longer count';
  return reviewEveryMs === undefined ? 'is reviewed' : `is reviewed: the next time is in ${span(reviewEveryMs)}`;
}
