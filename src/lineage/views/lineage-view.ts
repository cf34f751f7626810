import type { LineageGraph, LineageNode } from '../../domain/runs/lineage.js';
import type { Line, View, ViewPart } from '../../domain/view.js';
import { dim, line, plural, short, strong, toned } from '../../render/parts/parts.js';
import { printable } from '../../render/parts/printable.js';

export type LineageForm = 'tree' | 'dot' | 'mermaid';

/** The view of `lineage`. The JSON is the same for every form. */
export function lineageView(graph: LineageGraph, form: LineageForm): View {
  const text = { dot: dotLines, mermaid: graphMermaid };
  return {
    json: {
      direction: graph.direction,
      root: graph.root,
      nodes: graph.nodes.map((node) => ({
        id: node.id,
        kind: node.kind,
        label: node.label,
        hash: node.hash ?? null,
        run: node.run ?? null,
        dataset: node.dataset ?? null,
        rows: node.rows ?? null,
      })),
      edges: graph.edges.map(({ from, to }) => ({ from, to })),
      cut: graph.isCut,
    },
    parts: form === 'tree' ? treeParts(graph) : [{ kind: 'text', lines: text[form](graph) }],
  };
}

function treeParts(graph: LineageGraph): readonly ViewPart[] {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const next = new Map<string, string[]>();
  for (const { from, to } of graph.edges) {
    const [at, other] = graph.direction === 'up' ? [to, from] : [from, to];
    next.set(at, [...(next.get(at) ?? []), other]);
  }
  const reached = new Set([...next.values()].flat());
  const roots = graph.nodes.filter((node) => node.id === graph.root || !reached.has(node.id));
  const shown = new Set<string>();
  const parts: ViewPart[] = [];
  const draw = (id: string, indent: string, mark: string): void => {
    const node = nodes.get(id);
    if (node === undefined) return;
    const below = next.get(id) ?? [];
    const isRepeated = shown.has(id) && below.length > 0;
    parts.push({
      kind: 'line',
      line: [dim(`${indent}${mark}`), ...nodeLine(node), ...(isRepeated ? [dim('  … above')] : [])],
    });
    if (isRepeated) return;
    shown.add(id);
    const deeper = mark === '' ? '' : `${indent}${mark.startsWith('└') ? '   ' : '│  '}`;
    below.forEach((one, i) => {
      draw(one, deeper, i === below.length - 1 ? '└─ ' : '├─ ');
    });
  };
  for (const root of roots) if (!shown.has(root.id)) draw(root.id, '', '');
  return [
    ...parts,
    ...(graph.isCut
      ? [line(dim(`only the nearest ${plural(graph.nodes.length, 'node')}; use --limit to show more`))]
      : []),
  ];
}

function nodeLine(node: LineageNode): Line {
  if (node.kind === 'model')
    return [toned(node.label, 'good'), dim(node.hash === undefined ? '' : `  ${short(node.hash)}`)];
  if (node.kind === 'step') return ['step ', strong(node.label), dim(`  ${node.run}`)];
  const rows = node.rows === undefined ? '' : `, ${plural(node.rows, 'row')}`;
  const dataset = node.dataset === undefined ? '' : `, dataset ${node.dataset}`;
  return [node.label, dim(`  ${node.hash === undefined ? '' : short(node.hash)}${rows}${dataset}`)];
}

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

const captionLines = ({ kind, label, run, hash }: LineageNode): readonly string[] => [
  label,
  ...(kind === 'step' && run !== undefined ? [run] : []),
  ...(kind === 'artifact' && hash !== undefined ? [short(hash)] : []),
];

/** Marks of Mermaid and HTML in a name, as Mermaid's own entities. */
const mermaidText = (text: string): string =>
  printable(text).replace(/[#"<>&`]/g, (mark) => `#${mark.codePointAt(0)};`);

const SHAPES: Readonly<Record<LineageNode['kind'], string>> = { artifact: 'note', step: 'box', model: 'doubleoctagon' };

/** Graphviz DOT. */
const dotLines = (graph: LineageGraph): readonly string[] => [
  'digraph lineage {',
  '  rankdir=LR;',
  ...graph.nodes.map(
    (node) =>
      `  ${quoted(node.id)} [shape=${SHAPES[node.kind]}, label=${quoted(captionLines(node).join('\n')).replaceAll('\n', '\\n')}];`,
  ),
  ...graph.edges.map(({ from, to }) => `  ${quoted(from)} -> ${quoted(to)};`),
  '}',
];

/** Mermaid, in the dialect that GitHub renders. */
export function graphMermaid(graph: LineageGraph): readonly string[] {
  const ids = new Map(graph.nodes.map((node, i) => [node.id, `n${i}`]));
  const brackets: Readonly<Record<LineageNode['kind'], readonly [string, string]>> = {
    artifact: ['[/', '/]'],
    step: ['[', ']'],
    model: ['([', '])'],
  };
  return [
    'flowchart LR',
    ...graph.nodes.map((node) => {
      const [open, close] = brackets[node.kind];
      const text = captionLines(node).map(mermaidText).join('<br>');
      return `  ${ids.get(node.id)}${open}"${text}"${close}`;
    }),
    ...graph.edges.map(({ from, to }) => `  ${ids.get(from)} --> ${ids.get(to)}`),
  ];
}
