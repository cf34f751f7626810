import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import type { Diagnostic, SourcePosition } from '../../domain/pipeline/diagnostic.js';
import { keepDigits } from './exact-integers.js';

export type YamlPath = readonly (string | number)[];

/** A user's YAML file: its values, and where each of them is written. */
export interface Source {
  readonly file: string;
  /** Plain values; undefined when the text is not YAML. */
  readonly value: unknown;
  /** Position of the value at a path, or of its nearest ancestor that exists. */
  readonly at: (path: YamlPath) => SourcePosition;
  /** Position of a key of the map at a path. */
  readonly keyAt: (path: YamlPath, key: string) => SourcePosition;
  readonly lineOf: (position: SourcePosition) => string;
  /** Faults of the YAML itself, and values that YAML would have torn apart. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Keys below which values are handed on as they are, and never counted with. */
const VALUES = new Set(['params', 'matrix', 'values']);

const OPEN = '\uE000';
const CLOSE = '\uE001';

/** Same length, no flow indicators: a bare `${{ x }}` in a flow collection parses, and is then named instead of guessed at. */
const mask = (text: string): string =>
  text.replace(/\$\{\{([^}\n]*)\}\}/g, (_, inner: string) => `$${OPEN}${OPEN}${inner}${CLOSE}${CLOSE}`);

const unmask = (text: string): string => text.replaceAll(OPEN, '{').replaceAll(CLOSE, '}');

/** Parses YAML 1.2 with positions; duplicate keys, tabs and the like come back as diagnostics. */
export function readSource(file: string, text: string): Source {
  const counter = new LineCounter();
  const masked = mask(text);
  // the parser compares every key with every other: a map of ten thousand steps takes it a second
  const options = { lineCounter: counter, prettyErrors: false, version: '1.2', uniqueKeys: false } as const;
  const document = parseDocument(masked, options);
  keepDigits(document, VALUES);
  const lines = text.split('\n');
  const position = (start: number, end: number): SourcePosition => {
    const from = counter.linePos(start);
    const to = counter.linePos(end);
    const lineEnd = (lines[from.line - 1] ?? '').length + 1;
    const endCol = to.line === from.line ? Math.max(to.col, from.col + 1) : lineEnd;
    return { file, line: from.line, col: from.col, endCol };
  };
  const nodeAt = nodeFinder(document);
  const place = (node: Node | undefined): SourcePosition => {
    const range = node?.range;
    return range ? position(range[0], range[1]) : position(0, 0);
  };
  const at = (path: YamlPath): SourcePosition => {
    for (let length = path.length; length > 0; length--) {
      const node = nodeAt(path.slice(0, length));
      if (node !== undefined) return place(node);
    }
    return position(0, 0);
  };
  const lineOf = (where: SourcePosition): string => lines[where.line - 1] ?? '';
  const problem = (code: string, message: string, where: SourcePosition): Diagnostic => ({
    severity: 'error',
    code,
    message,
    at: where,
    sourceLine: lineOf(where),
  });
  const faults = document.errors.map(({ message, pos }) => problem('not-yaml', unmask(message), position(...pos)));
  const repeated = repeatedKeys(document).map(({ name, key }) =>
    problem('duplicate-key', `the key "${unmask(name)}" is given twice`, place(key)),
  );
  const problems = [...faults, ...repeated];
  if (masked !== text) {
    problems.push(...bareValues(document.contents, (node) => place(node), lineOf));
    visit(document, {
      Scalar: (_, node) => {
        if (typeof node.value === 'string') node.value = unmask(node.value);
      },
    });
  }
  return {
    file,
    value: faults.length > 0 ? undefined : document.toJS(),
    at,
    keyAt: (path, key) => {
      const map = nodeAt(path);
      const pair = isMap(map) ? map.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined;
      return isPair(pair) && isNode(pair.key) ? place(pair.key) : at([...path, key]);
    },
    lineOf,
    diagnostics: problems,
  };
}

/** Finds nodes by path. Maps are indexed: a search through ten thousand steps for each of them takes seconds. */
function nodeFinder(document: Document.Parsed): (path: YamlPath) => Node | undefined {
  const indexes = new WeakMap<YAMLMap, ReadonlyMap<unknown, unknown>>();
  const indexOf = (map: YAMLMap): ReadonlyMap<unknown, unknown> => {
    const known = indexes.get(map);
    if (known !== undefined) return known;
    const index = new Map(map.items.map((item) => [isScalar(item.key) ? item.key.value : item.key, item.value]));
    indexes.set(map, index);
    return index;
  };
  const child = (node: unknown, key: string | number): unknown => {
    const target = isAlias(node) ? node.resolve(document) : node;
    if (isMap(target)) return indexOf(target).get(key);
    return isSeq(target) && typeof key === 'number' ? target.items[key] : undefined;
  };
  return (path) => {
    const node = path.reduce<unknown>(child, document.contents);
    return isNode(node) ? node : undefined;
  };
}

/** Keys that their map has already, at any depth: those that are one key of the value, as 1 and "1" are. */
function repeatedKeys(document: Document.Parsed): readonly { readonly name: string; readonly key: Node }[] {
  const found: { readonly name: string; readonly key: Node }[] = [];
  const look = (node: unknown): void => {
    if (isSeq(node)) for (const item of node.items) look(isPair(item) ? item.value : item);
    if (!isMap(node)) return;
    const seen = new Set<string>();
    for (const { key, value } of node.items) {
      const named = isAlias(key) ? key.resolve(document) : key;
      if (isScalar(named) && isNode(key)) {
        const name = String(named.value ?? '');
        if (seen.has(name)) found.push({ name, key });
        seen.add(name);
      }
      look(key);
      look(value);
    }
  };
  look(document.contents);
  return found;
}

/** Plain scalars of flow collections with `${{`: to YAML the braces are its own. */
function bareValues(
  contents: ParsedNode | null,
  place: (node: Node) => SourcePosition,
  lineOf: (at: SourcePosition) => string,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  if (contents === null) return found;
  visit(contents, {
    Scalar: (_, node, path) => {
      const isBare = node.type === Scalar.PLAIN && typeof node.value === 'string' && node.value.includes(`$${OPEN}`);
      const isInFlow = path.some((parent) => isNode(parent) && 'flow' in parent && parent.flow === true);
      if (!isBare || !isInFlow) return;
      const where = place(node);
      found.push({
        severity: 'error',
        code: 'bare-value',
        message: 'inside [ ] or { } YAML reads the braces of ${{ … }} as its own',
        at: where,
        sourceLine: lineOf(where),
        suggestion: `put it in double quotes: "${unmask(String(node.value))}"`,
      });
    },
  });
  return found;
}
