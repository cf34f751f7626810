import type { RetrainReport } from '../domain/retrain-report.js';
import type { TriggerEvent } from '../domain/tick.js';
import { toIso } from '../domain/time.js';
import type { View } from '../domain/view.js';
import { dim, line, moment, strong } from './parts.js';
import { retrainView } from './retrain-view.js';

export interface Told {
  readonly event: TriggerEvent;
  readonly isKnown: boolean;
  readonly isAnswered: boolean;
  readonly trainedBy?: string;
  readonly retrain?: RetrainReport;
}

/** The document of `trigger`. */
export function triggerView({ event, isKnown, isAnswered, trainedBy, retrain }: Told): View {
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
        isKnown ? ` was told before, ${moment(event.recordedAt)} UTC` : ' is written down',
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
