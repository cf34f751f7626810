import type { PipelineName } from '../ids.js';
import type { JsonObject } from '../support/json.js';
import type { Instant } from '../support/time.js';

export const NOTICE_KINDS = ['decision', 'drift', 'hold', 'gate', 'promotion', 'rollback', 'failure'] as const;
/** `lineage`: an event about a run, for lineage systems and nobody else. */
export const LINEAGE_NOTICE = 'lineage';
/** `tracking`: a run that has ended or an alias that has moved, for tracking servers and nobody else. */
export const TRACKING_NOTICE = 'tracking';
type NoticeKind = (typeof NOTICE_KINDS)[number] | typeof LINEAGE_NOTICE | typeof TRACKING_NOTICE;

/** Something that a human, or another system, wants to hear of; its id is the same however often it is sent. */
export interface Notice {
  readonly id: string;
  readonly kind: NoticeKind;
  readonly pipeline: PipelineName;
  /** One sentence. */
  readonly summary: string;
  /** By the wall clock. */
  readonly at: Instant;
  /** Ids and figures of what it is about. */
  readonly facts: JsonObject;
}

export const NOTICE_TEMPLATES = ['json', 'slack', 'teams', 'mattermost'] as const;
/** `openlineage`: the facts of a `lineage` notice, which are the event itself. `mlflow`: what a `tracking` notice is about, by many calls. */
export type NoticeTemplate = (typeof NOTICE_TEMPLATES)[number] | 'openlineage' | 'mlflow';

/** Where notices go, as `refit.yaml` says. */
export interface NoticeChannel {
  readonly name: string;
  readonly target: NoticeTarget;
  readonly template: NoticeTemplate;
  readonly kinds: readonly NoticeKind[];
  /** Those of these pipelines only. */
  readonly pipelines?: readonly string[];
  readonly timeoutMs: number;
}

/** An address may be a secret: then only the name of the variable is in the file. */
export type NoticeTarget =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'url-from'; readonly variable: string }
  | { readonly kind: 'command'; readonly argv: readonly string[] };

/** How a channel does. */
export interface ChannelState {
  readonly channel: string;
  /** Notices that are still to be sent. */
  readonly pending: number;
  /** Notices that nobody tries to send any more. */
  readonly givenUp: number;
  readonly deliveredAt?: Instant;
  /** Why the last attempt failed, where it did. */
  readonly problem?: string;
}
