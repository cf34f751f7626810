import type { ContentHash, RunId, StepName } from '../ids.js';

/** A node of the graph of what was made of what. `id` is unique within one graph. */
export interface LineageNode {
  readonly id: string;
  readonly kind: 'artifact' | 'step' | 'model';
  /** Path of an artifact, name of a step, `model@version`. */
  readonly label: string;
  readonly hash?: ContentHash;
  readonly run?: RunId;
  readonly step?: StepName;
  readonly dataset?: string;
  readonly rows?: number;
}

/** Leads from what was used to what was made of it. */
export interface LineageEdge {
  readonly from: string;
  readonly to: string;
}

export interface LineageGraph {
  readonly direction: 'up' | 'down';
  readonly root: string;
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly LineageEdge[];
  /** More was there than was asked for. */
  readonly isCut: boolean;
}
