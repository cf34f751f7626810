import type { ChannelState } from '../../domain/decisions/notice.js';
import type { JsonObject } from '../../domain/support/json.js';
import { toIso } from '../../domain/support/time.js';
import type { View, ViewPart } from '../../domain/view.js';
import { dim, line, moment, plural, strong, toned } from '../../render/parts/parts.js';

export const channelJson = (state: ChannelState): JsonObject => ({
  channel: state.channel,
  pending: state.pending,
  given_up: state.givenUp,
  problem: state.problem ?? null,
  delivered_at: state.deliveredAt === undefined ? null : toIso(state.deliveredAt),
});

/** One line about a channel that fails or has given up notices. Empty for a healthy channel. */
export function channelTrouble({ channel, problem, pending, givenUp }: ChannelState): readonly ViewPart[] {
  if (problem === undefined && givenUp === 0) return [];
  return [
    line(
      toned(channel === 'heartbeat' ? 'heartbeat fails ' : `notification "${channel}" fails `, 'bad'),
      problem ?? '',
      dim(pending === 0 ? '' : `  ${plural(pending, 'notice')} waiting`),
      givenUp === 0 ? '' : toned(`  ${plural(givenUp, 'notice')} given up`, 'warn'),
    ),
  ];
}

/** The view of `notify`. */
export const channelsView = (states: readonly ChannelState[]): View => ({
  json: { notifications: states.map(channelJson) },
  parts:
    states.length === 0
      ? [line('refit.yaml has no "notifications"')]
      : states.flatMap((state) =>
          state.problem === undefined
            ? [
                line(
                  strong(state.channel),
                  state.deliveredAt === undefined
                    ? ' nothing sent yet'
                    : ` delivered, ${moment(state.deliveredAt)} UTC`,
                  dim(state.pending === 0 ? '' : `, ${plural(state.pending, 'notice')} waiting`),
                ),
              ]
            : channelTrouble(state),
        ),
});
