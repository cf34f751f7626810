import { graphlib, layout } from '@dagrejs/dagre';
import { renderToString } from 'preact-render-to-string';
import type { LineageGraph, LineageNode } from '../../../domain/runs/lineage.js';
import { printable } from '../../../render/parts/printable.js';
import { shorten } from '../../../render/parts/width.js';
import type { GraphFigure } from './figure.js';

const CHARACTER = 7.2;
const HEIGHT = 34;
const LONGEST = 34;

/** Laid out from left to right by dagre, so that everything stands after what it was made from. */
export function drawGraph({ graph, title, description }: GraphFigure): string {
  const { nodes, edges, size } = arrange(graph);
  return renderToString(
    <svg
      class="graph"
      xmlns="http://www.w3.org/2000/svg"
      width={size.width}
      height={size.height}
      viewBox={`0 0 ${size.width} ${size.height}`}
      role="group"
      aria-label={printable(`${title}. ${description}`)}
    >
      <defs>
        <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path d="M0,0L8,4L0,8z" class="arrow" />
        </marker>
      </defs>
      {edges.map((path) => (
        <path key={path} class="edge" d={path} marker-end="url(#arrow)" />
      ))}
      {nodes.map(({ node, x, y, width }) => (
        <g
          key={node.id}
          class={`node ${node.kind}`}
          transform={`translate(${x},${y})`}
          tabIndex={0}
          role="button"
          data-facts={factsOf(node)}
          aria-label={printable(`${node.kind} ${node.label}`)}
        >
          <title>{factsOf(node)}</title>
          <rect x={-width / 2} y={-HEIGHT / 2} width={width} height={HEIGHT} rx={node.kind === 'step' ? 17 : 5} />
          <text text-anchor="middle" dy="0.35em">
            {labelOf(node)}
          </text>
        </g>
      ))}
    </svg>,
  );
}

/** The end of a long path says more than its beginning. */
const labelOf = ({ label }: LineageNode): string => {
  const text = printable(label);
  return text.length <= LONGEST ? text : `…${text.slice(1 - LONGEST)}`;
};

const factsOf = ({ kind, label, hash, run, dataset, rows }: LineageNode): string =>
  [
    `${kind} ${printable(shorten(label, 200))}`,
    ...(dataset === undefined ? [] : [`dataset ${printable(dataset)}`]),
    ...(rows === undefined ? [] : [`${rows} rows`]),
    ...(run === undefined ? [] : [`run ${run}`]),
    ...(hash === undefined ? [] : [`sha256 ${hash}`]),
  ].join('\n');

interface Arranged {
  readonly size: { readonly width: number; readonly height: number };
  readonly nodes: readonly {
    readonly node: LineageNode;
    readonly x: number;
    readonly y: number;
    readonly width: number;
  }[];
  readonly edges: readonly string[];
}

function arrange({ nodes, edges }: LineageGraph): Arranged {
  const drawn = new graphlib.Graph();
  drawn.setGraph({ rankdir: 'LR', nodesep: 14, ranksep: 46, marginx: 12, marginy: 12 });
  drawn.setDefaultEdgeLabel(() => ({}));
  for (const node of nodes)
    drawn.setNode(node.id, { width: Math.max(60, labelOf(node).length * CHARACTER + 22), height: HEIGHT });
  for (const { from, to } of edges) drawn.setEdge(from, to);
  layout(drawn);
  const { width = 0, height = 0 } = drawn.graph();
  return {
    size: { width: Math.ceil(width), height: Math.ceil(height) },
    nodes: nodes.map((node) => {
      const at = drawn.node(node.id);
      return { node, x: tenth(at.x ?? 0), y: tenth(at.y ?? 0), width: tenth(at.width) };
    }),
    edges: drawn.edges().map((edge: graphlib.Edge) => pathThrough(drawn.edge(edge).points ?? [])),
  };
}

const tenth = (value: number): number => Math.round(value * 10) / 10;

const pathThrough = (points: readonly { readonly x: number; readonly y: number }[]): string =>
  `M${points.map(({ x, y }) => `${tenth(x)},${tenth(y)}`).join('L')}`;
