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
import type { Diagnostic, SourcePosition } from '../../../domain/pipeline/diagnostic.js';
import { bindAliases } from './bind-aliases.js';
import { keepDigits } from './exact-integers.js';
import { expandMergeKeys } from './merge-keys.js';
import { tooDeepAt } from './yaml-depth.js';
import { limitFaults } from './yaml-limits.js';

export type YamlPath = readonly (string | number)[];

/** A user's YAML file: its values and their positions. */
export interface Source {
  readonly file: string;
  /** Plain values; undefined if the text is not YAML. */
  readonly value: unknown;
  /** Position of the value at a path, or of its nearest existing ancestor. */
  readonly at: (path: YamlPath) => SourcePosition;
  /** Position of a key of the map at a path. */
  readonly keyAt: (path: YamlPath, key: string) => SourcePosition;
  readonly lineOf: (position: SourcePosition) => string;
  /** Syntax errors, duplicate keys, and values that YAML would have split. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Below these keys, values are passed on as written, so large integers keep all digits. */
const VALUES = new Set(['params', 'matrix', 'values']);

const OPEN = '\uE000';
const CLOSE = '\uE001';

/**
 * Replaces the braces by characters of the same length that mean nothing to YAML. A bare `${{ x }}` in a flow
 * collection then parses, and can be reported by name.
 */
const mask = (text: string): string =>
  text.replace(/\$\{\{([^}\n]*)\}\}/g, (_, inner: string) => `$${OPEN}${OPEN}${inner}${CLOSE}${CLOSE}`);

const unmask = (text: string): string => text.replaceAll(OPEN, '{').replaceAll(CLOSE, '}');

/** Ten thousand steps take a quarter of this. A longer text takes the parser many seconds. */
const MOST_CHARACTERS = 2 * 1024 * 1024;

/**
 * Parses YAML 1.2 with positions. Duplicate keys, tabs and other faults become diagnostics, also a text that would take too long
 * to read.
 */
export function readSource(file: string, text: string): Source {
  if (text.length > MOST_CHARACTERS) return tooLong(file, text);
  const deep = tooDeepAt(text);
  return deep === undefined ? readText(file, text) : tooDeep(file, text, deep);
}

function tooDeep(file: string, text: string, offset: number): Source {
  const source = readText(file, '');
  const counter = new LineCounter();
  counter.addNewLine(0);
  for (const { index } of text.matchAll(/\n/g)) counter.addNewLine(index + 1);
  const places = createPlaces(file, text.split('\n'), counter);
  const at = places.position(offset, offset + 1);
  return {
    ...source,
    value: undefined,
    diagnostics: [places.problem('nested-too-deeply', 'this is nested too deeply to be read', at)],
  };
}

function tooLong(file: string, text: string): Source {
  const source = readText(file, '');
  const problem = createPlaces(file, [text.slice(0, 100).split('\n')[0] ?? ''], new LineCounter()).problem;
  const message = `the file has ${text.length} characters, and refit reads at most ${MOST_CHARACTERS}`;
  return { ...source, value: undefined, diagnostics: [problem('too-large', message, source.at([]))] };
}

function readText(file: string, text: string): Source {
  const counter = new LineCounter();
  const masked = mask(text);
  // The parser compares every key with every other, which takes a second for ten thousand steps.
  // It would print warnings of its own to stderr: what is wrong is reported here, at its place.
  const options = {
    lineCounter: counter,
    prettyErrors: false,
    version: '1.2',
    uniqueKeys: false,
    logLevel: 'error',
  } as const;
  const document = parseDocument(masked, options);
  const places = createPlaces(file, text.split('\n'), counter);
  const limits = limitFaults(document).map(({ code, message, node }) => places.problem(code, message, places.of(node)));
  const isUsable = document.errors.length === 0 && limits.length === 0;
  if (isUsable) bindAliases(document);
  const problems = [...limits, ...problemsOf(document, places, isUsable)];
  if (isUsable) {
    for (const { message, node } of expandMergeKeys(document))
      problems.push(places.problem('wrong-merge', message, places.of(node)));
    keepDigits(document, VALUES);
  }
  if (isUsable && masked !== text) {
    problems.push(...bareValues(document.contents, places));
    unmaskValues(document);
  }
  return {
    file,
    // Aliases have been counted.
    value: isUsable ? document.toJS({ maxAliasCount: -1 }) : undefined,
    ...positionsOf(document, places),
    lineOf: places.lineOf,
    diagnostics: problems,
  };
}

/** Positions in the text of one file. */
interface Places {
  readonly position: (start: number, end: number) => SourcePosition;
  /** Position of a node. Without a node, the start of the file. */
  readonly of: (node: Node | undefined) => SourcePosition;
  readonly lineOf: (position: SourcePosition) => string;
  /** An error at a position, with its source line. */
  readonly problem: (code: string, message: string, at: SourcePosition) => Diagnostic;
}

function createPlaces(file: string, lines: readonly string[], counter: LineCounter): Places {
  const position = (start: number, end: number): SourcePosition => {
    const from = counter.linePos(start);
    const to = counter.linePos(end);
    const lineEnd = (lines[from.line - 1] ?? '').length + 1;
    const endCol = to.line === from.line ? Math.max(to.col, from.col + 1) : lineEnd;
    return { file, line: from.line, col: from.col, endCol };
  };
  const lineOf = (at: SourcePosition): string => lines[at.line - 1] ?? '';
  return {
    position,
    of: (node) => (node?.range ? position(node.range[0], node.range[1]) : position(0, 0)),
    lineOf,
    problem: (code, message, at) => ({ severity: 'error', code, message, at, sourceLine: lineOf(at) }),
  };
}

/** One fault of the syntax often causes thousands. */
const MOST_ERRORS = 50;

function problemsOf(document: Document.Parsed, { position, of, problem }: Places, isUsable: boolean): Diagnostic[] {
  const faults = document.errors
    .slice(0, MOST_ERRORS)
    .map(({ message, pos }) =>
      /call stack/.test(message)
        ? problem('nested-too-deeply', 'this is nested too deeply to be read', position(...pos))
        : problem('not-yaml', unmask(message), position(...pos)),
    );
  if (!isUsable) return faults;
  const repeated = repeatedKeys(document).map(({ name, key }) =>
    problem('duplicate-key', `the key "${unmask(name)}" is given twice`, of(key)),
  );
  return [...faults, ...repeated];
}

function unmaskValues(document: Document.Parsed): void {
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === 'string') node.value = unmask(node.value);
    },
  });
}

function positionsOf(document: Document.Parsed, places: Places): Pick<Source, 'at' | 'keyAt'> {
  const nodeAt = nodeFinder(document);
  const keyNode = keyFinder();
  const at = (path: YamlPath): SourcePosition => {
    for (let length = path.length; length > 0; length--) {
      const node = nodeAt(path.slice(0, length));
      if (node !== undefined) return places.of(node);
    }
    return places.position(0, 0);
  };
  return {
    at,
    keyAt: (path, key) => {
      const map = nodeAt(path);
      const node = isMap(map) ? keyNode(map, key) : undefined;
      return node === undefined ? at([...path, key]) : places.of(node);
    },
  };
}

/** Finds the node of a key. Each map is indexed once: one search a key takes seconds among ten thousand keys. */
function keyFinder(): (map: YAMLMap, key: string) => Node | undefined {
  const indexes = new WeakMap<YAMLMap, ReadonlyMap<unknown, Node>>();
  return (map, key) => {
    const index =
      indexes.get(map) ?? new Map(map.items.flatMap(({ key: node }) => (isScalar(node) ? [[node.value, node]] : [])));
    indexes.set(map, index);
    return index.get(key);
  };
}

/** Finds nodes by path. Maps are indexed, because repeated searches among ten thousand steps take seconds. */
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

/** Keys that occur again in the same map, at any depth. 1 and "1" are the same key of the value. */
function repeatedKeys(document: Document.Parsed): readonly { readonly name: string; readonly key: Node }[] {
  const found: { readonly name: string; readonly key: Node }[] = [];
  const search = (node: unknown): void => {
    if (isSeq(node)) for (const item of node.items) search(isPair(item) ? item.value : item);
    if (!isMap(node)) return;
    const seen = new Set<string>();
    for (const { key, value } of node.items) {
      const named = isAlias(key) ? key.resolve(document) : key;
      if (isScalar(named) && isNode(key)) {
        const name = String(named.value ?? '');
        if (seen.has(name)) found.push({ name, key });
        seen.add(name);
      }
      search(key);
      search(value);
    }
  };
  search(document.contents);
  return found;
}

/** Unquoted values with `${{` inside a flow collection, where YAML takes the braces as its own. */
function bareValues(contents: ParsedNode | null, { of, problem }: Places): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  if (contents === null) return found;
  visit(contents, {
    Scalar: (_, node, path) => {
      const isBare = node.type === Scalar.PLAIN && typeof node.value === 'string' && node.value.includes(`$${OPEN}`);
      const isInFlow = path.some((parent) => isNode(parent) && 'flow' in parent && parent.flow === true);
      if (!isBare || !isInFlow) return;
      found.push({
        ...problem('bare-value', 'inside [ ] or { } YAML reads the braces of ${{ … }} as its own', of(node)),
        suggestion: `put it in double quotes: "${unmask(String(node.value))}"`,
      });
    },
  });
  return found;
}
