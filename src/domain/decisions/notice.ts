import type { PipelineName } from '../ids.js';
import type { JsonObject } from '../support/json.js';
import type { Instant } from '../support/time.js';

export const NOTICE_KINDS = ['decision', 'drift', 'hold', 'gate', 'promotion', 'rollback', 'failure'] as const;
/** `lineage`: a run event, only for lineage systems. */
export const LINEAGE_NOTICE = 'lineage';
/** `tracking`: a finished run or a moved alias, only for tracking servers. */
export const TRACKING_NOTICE = 'tracking';
type NoticeKind = (typeof NOTICE_KINDS)[number] | typeof LINEAGE_NOTICE | typeof TRACKING_NOTICE;

/** Something that a person or another system wants to know. The id is the same for every attempt to send it. */
export interface Notice {
  readonly id: string;
  readonly kind: NoticeKind;
  readonly pipeline: PipelineName;
  /** One sentence. */
  readonly summary: string;
  /** By the wall clock. */
  readonly at: Instant;
  /** Ids and figures of its subject. */
  readonly facts: JsonObject;
}

export const NOTICE_TEMPLATES = ['json', 'slack', 'teams', 'mattermost'] as const;
/**
 * `openlineage`: the facts of a `lineage` notice, which are the event itself. `mlflow`: sends the subject of a
 * `tracking` notice with many calls.
 */
export type NoticeTemplate = (typeof NOTICE_TEMPLATES)[number] | 'openlineage' | 'mlflow';

/** A target for notices, from `refit.yaml`. */
export interface NoticeChannel {
  readonly name: string;
  readonly target: NoticeTarget;
  readonly template: NoticeTemplate;
  readonly kinds: readonly NoticeKind[];
  /** Only notices of these pipelines. */
  readonly pipelines?: readonly string[];
  readonly timeoutMs: number;
}

/** A target's address may be a secret. Then the file holds only the name of its variable. */
export type NoticeTarget =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'url-from'; readonly variable: string }
  | { readonly kind: 'command'; readonly argv: readonly string[] };

/** The state of a channel. */
export interface ChannelState {
  readonly channel: string;
  /** Notices still to be sent. */
  readonly pending: number;
  /** Notices that are no longer tried. */
  readonly givenUp: number;
  readonly deliveredAt?: Instant;
  /** Why the last attempt failed. */
  readonly problem?: string;
}
