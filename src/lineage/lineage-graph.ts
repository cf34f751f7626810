import type { ContentHash } from '../domain/ids.js';
import type { ModelVersion } from '../domain/models/model.js';
import type { ExecutionUse } from '../domain/ports/records/run-records.js';
import type { ArtifactUse } from '../domain/runs/artifact.js';
import type { LineageEdge, LineageGraph, LineageNode } from '../domain/runs/lineage.js';

/** Collects the nodes and edges of a lineage graph, up to a number of nodes. The first node is the root. */
export interface GraphBuilder {
  /** Adds a node. Returns true if it is new; false if it is known or the limit is reached. */
  readonly add: (node: LineageNode) => boolean;
  /** Adds an edge if the graph has both nodes. */
  readonly link: (from: string, to: string) => void;
  readonly result: (direction: LineageGraph['direction']) => LineageGraph;
}

export function createGraph(limit: number): GraphBuilder {
  const nodes = new Map<string, LineageNode>();
  const edges = new Map<string, LineageEdge>();
  let isCut = false;
  return {
    add: (node) => {
      if (nodes.has(node.id)) return false;
      if (nodes.size >= limit) {
        isCut = true;
        return false;
      }
      nodes.set(node.id, node);
      return true;
    },
    link: (from, to) => {
      if (nodes.has(from) && nodes.has(to)) edges.set(`${from} ${to}`, { from, to });
    },
    result: (direction) => {
      const [root] = nodes.keys();
      return { direction, root: root ?? '', nodes: [...nodes.values()], edges: [...edges.values()], isCut };
    },
  };
}

/** The same bytes at two paths are two nodes, because a step may copy its input. */
export const artifactId = (hash: ContentHash, path: string): string => `a:${path}:${hash.slice(0, 16)}`;

export const artifactNode = ({ path, artifact, dataset, rows }: ArtifactUse): LineageNode => ({
  id: artifactId(artifact.hash, path),
  kind: 'artifact',
  label: path,
  hash: artifact.hash,
  dataset,
  rows,
});

export const stepNode = ({ execution, run, step }: Pick<ExecutionUse, 'execution' | 'run' | 'step'>): LineageNode => ({
  id: `e:${execution}`,
  kind: 'step',
  label: step,
  run,
  step,
});

export const modelNode = ({ model, version, hash, run }: ModelVersion): LineageNode => ({
  id: `m:${model}@${version}`,
  kind: 'model',
  label: `${model}@${version}`,
  hash,
  run,
});
