import type { Finding } from '../../data/finding.js';
import type { NamedEvent } from '../../data/named-event.js';
import type { TableProfile } from '../../data/profile.js';
import type { Snapshot } from '../../data/snapshot.js';
import type { ContentHash, DecisionId, FindingId, PipelineName, RunId } from '../../ids.js';
import type { Instant } from '../../support/time.js';

export interface FindingRecords {
  /** Records the findings of one check. A scope without findings is recorded too, which closes its earlier ones. */
  readonly record: (look: {
    readonly pipeline: PipelineName;
    readonly scope: string;
    readonly findings: readonly Finding[];
    readonly decision?: DecisionId;
    readonly run?: RunId;
    /** Schema files that were used, by dataset: hash of the text in the store. */
    readonly schemas?: Readonly<Record<string, ContentHash>>;
    readonly seenAt: Instant;
    readonly now: Instant;
  }) => void;
  /** Findings of the newest check of each scope up to a moment of the wall clock, without a resolution. */
  readonly open: (pipeline: PipelineName, until: Instant) => readonly Finding[];
  /** The last answer to each answered finding of the pipeline. */
  readonly answers: (pipeline: PipelineName) => readonly FindingAnswer[];
  /** Appends a person's answer to a finding. */
  readonly resolve: (resolution: {
    readonly finding: FindingId;
    readonly answer: 'bug' | 'normal';
    readonly reason: string;
    readonly actor: string;
    readonly at: Instant;
  }) => void;
  /** The finding as last seen. */
  readonly get: (id: FindingId) => Finding | undefined;
  /** The findings of a decision or a run. */
  readonly of: (link: { readonly decision: DecisionId } | { readonly run: RunId }) => readonly Finding[];
}

export interface FindingAnswer {
  /** As last seen. */
  readonly finding: Finding;
  readonly answer: 'bug' | 'normal';
  readonly reason: string;
}

/** A schema by the hash of its text in the store. */
export interface UsedSchema {
  readonly dataset: string;
  readonly hash: ContentHash;
  /** The run whose data it was inferred from. Absent if written by hand. */
  readonly inferredFrom?: string;
}

export interface SchemaRecords {
  /** Stores the schema inferred from a run's data. The first one stays. */
  readonly save: (run: RunId, dataset: string, hash: ContentHash) => void;
  readonly inferred: (run: RunId) => readonly UsedSchema[];
  /** Schemas used by the data check of a decision. */
  readonly ofDecision: (decision: DecisionId) => readonly UsedSchema[];
}

/** What was read from remote sources. Rows are never changed. */
export interface SnapshotRecords {
  readonly record: (snapshot: Snapshot) => void;
  /** The newest of each window or object, of the place that was read last; in order of time. */
  readonly newest: (pipeline: PipelineName, dataset: string, definition: string) => readonly Snapshot[];
  /** All that were read from one place, oldest first. */
  readonly ofPlace: (
    pipeline: PipelineName,
    dataset: string,
    asked: { readonly definition: string; readonly place: string },
  ) => readonly Snapshot[];
  readonly withHash: (hash: ContentHash) => readonly Snapshot[];
  readonly all: () => readonly Snapshot[];
}

export interface EventRecords {
  readonly record: (event: NamedEvent) => void;
  /** Sorted by their start. */
  readonly list: (pipeline: PipelineName) => readonly NamedEvent[];
}

export interface ProfileRecords {
  /**
   * A profile belongs to content: the same bytes have the same profile. `kind` distinguishes what was profiled (ignored
   * columns, window).
   */
  readonly save: (hash: ContentHash, kind: string, profile: TableProfile) => void;
  readonly get: (hash: ContentHash, kind: string) => TableProfile | undefined;
  /** Stores a compact profile of a checked window. Replaces one with the same end. */
  readonly saveWindow: (pipeline: PipelineName, end: Instant, profile: TableProfile) => void;
  /** Newest first. */
  readonly windows: (
    pipeline: PipelineName,
    filter: { readonly before: Instant; readonly limit: number },
  ) => readonly { readonly at: Instant; readonly profile: TableProfile }[];
}
