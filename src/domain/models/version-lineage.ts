import type { Finding } from '../data/finding.js';
import type { ContentHash } from '../ids.js';
import type { Role } from '../pipeline/pipeline.js';
import type { ArtifactUse } from '../runs/artifact.js';
import type { MetricPoint } from '../runs/run.js';
import type { Instant } from '../support/time.js';
import type { AliasMove } from './model.js';

/** One step of the run that made a version, with what identifies it beyond its name. */
export interface Component {
  readonly step: string;
  /** Declared, or by what the step does: reads a dataset, makes the model. */
  readonly role: Role;
  /** As the pipeline has it; absent of a step that does not declare its inputs. */
  readonly command?: string;
  readonly params: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  /** Scripts and folders of code that it read. */
  readonly code: readonly ArtifactUse[];
  readonly data: readonly ArtifactUse[];
  readonly writes: readonly ArtifactUse[];
  readonly metrics: readonly MetricPoint[];
}

/** What is known of a table without reading it again. */
export interface TableStatistics {
  readonly path: string;
  readonly rows: number;
  readonly columns: readonly { readonly name: string; readonly missing: number; readonly distinct: number }[];
  readonly from?: Instant;
  readonly to?: Instant;
}

/** Where an input of a version could be had from today. */
export interface InputSource {
  readonly path: string;
  readonly hash: ContentHash;
  readonly from: 'workspace' | 'store' | 'git' | 'nowhere';
}

/** How models of this name come to serve, over all their versions. */
export interface Delivery {
  /** Milliseconds from the commit to the first time this version served. */
  readonly commitToServingMs?: number;
  readonly deployments: number;
  readonly deploymentsPer30Days: number;
  readonly rollbacks: number;
  /** Rollbacks a deployment, 0…1. */
  readonly rollbackRate: number;
  /** Median time from a publication to the rollback that undid it. */
  readonly timeToRestoreMs?: number;
}

/** The rest of what is asked of a model version: registry rows that `why` has besides its story. */
export interface Answers {
  /** Another system kept the run: what exactly ran is not known. */
  readonly isImported: boolean;
  readonly components: readonly Component[];
  readonly statistics: readonly TableStatistics[];
  /** Found in the data at the decision or the run. */
  readonly findings: readonly Finding[];
  readonly servesNow?: number;
  readonly servedBefore?: number;
  readonly periods: readonly { readonly since: Instant; readonly until?: Instant }[];
  /** The last move that made it the champion. */
  readonly promotion?: AliasMove;
  readonly delivery: Delivery;
  /** Versions of any model that were made of one of its data files too, among the newest readers of each. */
  readonly sharedData: readonly string[];
  readonly inputs: readonly InputSource[];
  readonly integrity: { readonly objects: number; readonly damaged: readonly ContentHash[] };
}
