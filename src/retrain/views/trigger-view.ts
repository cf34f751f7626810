import type { RetrainReport } from '../../domain/decisions/retrain-report.js';
import type { TriggerEvent } from '../../domain/decisions/tick.js';
import { toIso } from '../../domain/support/time.js';
import type { View } from '../../domain/view.js';
import { dim, line, moment, strong } from '../../render/parts/parts.js';
import { retrainView } from './retrain-view.js';

export interface ShownTriggerEvent {
  readonly event: TriggerEvent;
  readonly isKnown: boolean;
  readonly isAnswered: boolean;
  readonly trainedBy?: string;
  readonly retrain?: RetrainReport;
}

/** The document of `trigger`. */
export function triggerView({ event, isKnown, isAnswered, trainedBy, retrain }: ShownTriggerEvent): View {
  const decided = retrain === undefined ? undefined : retrainView(retrain);
  return {
    json: {
      pipeline: event.pipeline,
      event: { name: event.name, id: event.key, recorded_at: toIso(event.recordedAt), now: toIso(event.now) },
      known: isKnown,
      answered: isAnswered,
      trained_by: trainedBy ?? null,
      retrain: decided?.json ?? null,
    },
    parts: [
      line(
        strong(`${event.name} ${event.key}`),
        isKnown ? ` was reported before, ${moment(event.recordedAt)} UTC` : ' is written down',
        decided !== undefined
          ? ''
          : isAnswered
            ? `: ${trainedBy ?? 'a later training'} has trained for it, nothing is done twice`
            : dim('; the next retrain sees it'),
      ),
      ...(decided?.parts ?? []),
    ],
  };
}
