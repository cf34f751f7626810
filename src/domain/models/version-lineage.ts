import type { Finding } from '../data/finding.js';
import type { ContentHash, RunId } from '../ids.js';
import type { Role } from '../pipeline/pipeline.js';
import type { ArtifactUse } from '../runs/artifact.js';
import type { MetricPoint } from '../runs/run.js';
import type { Instant } from '../support/time.js';
import type { AliasMove } from './model.js';

/** One step of the run that made a version, with what identifies it beyond its name. */
export interface Component {
  readonly step: string;
  /** Declared, or inferred: writes the model, reads a dataset, or neither. */
  readonly role: Role;
  /** The command in the pipeline. Absent if the step does not declare its inputs. */
  readonly command?: string;
  readonly params: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  /** Scripts and code folders that the step read. */
  readonly code: readonly ArtifactUse[];
  readonly data: readonly ArtifactUse[];
  readonly writes: readonly ArtifactUse[];
  readonly metrics: readonly MetricPoint[];
}

/** Statistics of a table, taken from its stored profile. */
export interface TableStatistics {
  readonly path: string;
  readonly rows: number;
  readonly columns: readonly {
    readonly name: string;
    readonly missing: number;
    readonly distinct: number;
    readonly distinct_is_estimate?: boolean;
  }[];
  readonly from?: Instant;
  readonly to?: Instant;
}

/** Where an input of a version is available now. */
export interface InputSource {
  readonly path: string;
  readonly hash: ContentHash;
  readonly from: 'workspace' | 'store' | 'git' | 'nowhere';
  /** The file in the workspace is the only copy: neither git nor the store has these bytes. */
  readonly isOnlyHere: boolean;
}

/** Delivery figures of a model over all its versions. */
export interface Delivery {
  /** Milliseconds from the commit to the first time this version served. */
  readonly commitToServingMs?: number;
  readonly deployments: number;
  readonly deploymentsPer30Days: number;
  readonly rollbacks: number;
  /** Rollbacks per deployment, 0 or more. */
  readonly rollbackRate: number;
  /** Median time from a publication to the rollback that undid it. */
  readonly timeToRestoreMs?: number;
}

/** One version in the ancestry of a model, with the data that its own training read. */
export interface Generation {
  readonly model: string;
  readonly version: number;
  readonly run: RunId;
  /** The `now` of its run. */
  readonly trainedAt: Instant;
  /** The versions that it was trained on from. Empty: from zero. */
  readonly parents: readonly string[];
  readonly data: readonly GenerationData[];
}

interface GenerationData {
  readonly dataset: string;
  readonly files: readonly ArtifactUse[];
  /** Files that no earlier generation read. */
  readonly newFiles: number;
  /** Rows of the dataset when it was trained, where that was recorded. */
  readonly rows?: number;
}

/** Facts about a model version beyond its own run. */
export interface VersionLineage {
  /** The run was imported from another system, so the exact commands are unknown. */
  readonly isImported: boolean;
  readonly components: readonly Component[];
  /** Itself and the versions that it was trained on from, newest first. Empty for a model trained from zero. */
  readonly ancestry: readonly Generation[];
  readonly statistics: readonly TableStatistics[];
  /** Findings in the data of the run. */
  readonly findings: readonly Finding[];
  readonly servesNow?: number;
  readonly servedBefore?: number;
  readonly periods: readonly { readonly since: Instant; readonly until?: Instant }[];
  /** The newest move that made it the champion. */
  readonly promotion?: AliasMove;
  readonly delivery: Delivery;
  /** Versions of any model made from one of the same data files, among the newest readers of each file. */
  readonly sharedData: readonly string[];
  readonly inputs: readonly InputSource[];
  readonly integrity: { readonly objects: number; readonly damaged: readonly ContentHash[] };
}
