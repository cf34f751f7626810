import type { NamedEvent } from '../../domain/data/named-event.js';
import type { JsonObject } from '../../domain/support/json.js';
import { toIso } from '../../domain/support/time.js';
import type { View, ViewPart } from '../../domain/view.js';
import { dim, line, moment, strong, table } from '../../render/parts/parts.js';

export const eventJson = (event: NamedEvent): JsonObject => ({
  name: event.name,
  from: toIso(event.from),
  until: toIso(event.until),
  effect: event.effect,
  actor: event.actor,
  recorded_at: toIso(event.recordedAt),
});

export const eventParts = (events: readonly NamedEvent[]): readonly ViewPart[] =>
  events.length === 0
    ? []
    : [
        table(
          ['event', 'from (UTC)', 'until', 'effect', 'by'],
          events.map((event) => [
            strong(event.name),
            moment(event.from),
            moment(event.until),
            event.effect,
            dim(event.actor),
          ]),
        ),
      ];

const EFFECTS = {
  suppress: 'drift inside it is reported, and is no drift',
  exclude: 'its rows are left out of windows, and of what is trained on from now on',
} as const;

/** The document of `event`: what was recorded, and all events of the pipeline. */
export const eventView = (event: NamedEvent, all: readonly NamedEvent[]): View => ({
  json: { pipeline: event.pipeline, event: eventJson(event), events: all.map(eventJson) },
  parts: [line('recorded: ', EFFECTS[event.effect]), ...eventParts(all)],
});
