import type { ContentHash, RunId, StepName } from '../ids.js';

/** A node of the lineage graph. `id` is unique within one graph. */
export interface LineageNode {
  readonly id: string;
  readonly kind: 'artifact' | 'step' | 'model';
  /** Path of an artifact, name of a step, or `model@version`. */
  readonly label: string;
  readonly hash?: ContentHash;
  readonly run?: RunId;
  readonly step?: StepName;
  readonly dataset?: string;
  readonly rows?: number;
}

/** From what was used to what was made from it. */
export interface LineageEdge {
  readonly from: string;
  readonly to: string;
}

export interface LineageGraph {
  readonly direction: 'up' | 'down';
  readonly root: string;
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly LineageEdge[];
  /** The graph was cut at the limit. */
  readonly isCut: boolean;
}
