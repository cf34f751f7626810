import type { ContentHash, StepName, WorkspacePath } from '../ids.js';
import type { Instant } from '../support/time.js';
import type { ArtifactUse } from './artifact.js';

/** What a step takes over from an earlier version: its bytes, or for `window.new` the data that it had. */
export interface Parent extends ArtifactUse {
  readonly base?: BaseData;
}

/** The files of a dataset that an earlier training read. */
export interface BaseData {
  readonly files: readonly { readonly path: WorkspacePath; readonly hash: ContentHash }[];
  /** Rows before this were not in its window. */
  readonly since?: Instant;
  /** Rows from here on were hidden from it. */
  readonly until?: Instant;
}

/** By the value of the command: `champion`, `versions[3]`, `window.new`. `undefined` where no version served. */
export type StepParents = ReadonlyMap<string, Parent | undefined>;

/** What each step of a run started from. */
export type RunParents = ReadonlyMap<StepName, StepParents>;
