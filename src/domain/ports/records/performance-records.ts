import type {
  EpisodeEnd,
  ErrorAlarms,
  PerformanceReport,
  PerformanceWindow,
  StoredEpisode,
} from '../../data/performance.js';
import type { PipelineName } from '../../ids.js';
import type { JsonObject } from '../../support/json.js';
import type { Instant } from '../../support/time.js';

/** A measured window of a fixed grid. Measured again if its rows have another checksum. */
export interface MeasuredPlace {
  readonly place: number;
  readonly checksum: string;
  readonly window: PerformanceWindow;
}

/** State of a stream detector after every error before `cursor`. The next check continues from there. */
export interface ErrorStream {
  readonly cursor: Instant;
  readonly items: number;
  readonly alarms: ErrorAlarms['alarms'];
  readonly detector: JsonObject;
}

export interface PerformanceRecords {
  readonly windows: (pipeline: PipelineName, stream: string) => readonly MeasuredPlace[];
  readonly saveWindows: (pipeline: PipelineName, stream: string, windows: readonly MeasuredPlace[]) => void;
  readonly errorStream: (pipeline: PipelineName, stream: string) => ErrorStream | undefined;
  readonly saveErrorStream: (pipeline: PipelineName, stream: string, state: ErrorStream) => void;
  readonly recordCheck: (check: {
    readonly pipeline: PipelineName;
    readonly now: Instant;
    readonly checkedAt: Instant;
    readonly report: PerformanceReport;
  }) => void;
  /** Newest first. */
  readonly checks: (pipeline: PipelineName, limit: number) => readonly PerformanceReport[];
  readonly openEpisode: (pipeline: PipelineName, episode: Omit<StoredEpisode, 'id' | 'end'>) => void;
  readonly endEpisode: (episode: number, end: EpisodeEnd) => void;
  /** Oldest first, open and ended. */
  readonly episodes: (pipeline: PipelineName) => readonly StoredEpisode[];
}
