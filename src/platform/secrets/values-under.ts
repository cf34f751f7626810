import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';

const require = createRequire(import.meta.url);

type Token = Yaml.CST.Token;
type Item = Yaml.CST.CollectionItem;

/** A longer text is refused by those who parse it. */
const MOST_CHARACTERS = 2 * 1024 * 1024;

/**
 * All texts at or below the ends of the `paths` of keys, wherever in a YAML text they begin; one list a path. Aliases and merge
 * keys are followed, and every node with the anchor's name counts. It reads tokens and not values: a text with faults has them
 * too, no depth exhausts the stack, and each token is taken once for each part of a path.
 */
export function valuesUnder(text: string, paths: readonly (readonly string[])[]): readonly (readonly string[])[] {
  if (text.length > MOST_CHARACTERS) return paths.map(() => []);
  // Loading the parser takes longer than most commands, and few texts need it.
  const { CST, Parser }: Pick<typeof Yaml, 'CST' | 'Parser'> = require('yaml');
  const roots = [...new Parser().parse(withoutTemplates(text))];
  const texts = new Map<Token, string | undefined>();
  const textOf = (token: Token): string | undefined => {
    if (!texts.has(token)) texts.set(token, isScalar(token) ? CST.resolveAsScalar(token)?.value : undefined);
    return texts.get(token);
  };
  const reader = { roots, anchors: anchorsOf(roots), textOf };
  return paths.map((path) => takeUnder(path, reader));
}

/** As the parser of pipelines reads `${{ … }}`: the braces mean nothing to YAML. */
const withoutTemplates = (text: string): string =>
  text.replace(/\$\{\{([^}\n]*)\}\}/g, (_, inner: string) => `$__${inner}__`);

const isScalar = (token: Token): token is Yaml.CST.FlowScalar | Yaml.CST.BlockScalar =>
  token.type === 'block-scalar' || (token.type !== 'alias' && token.type.endsWith('scalar'));

interface Reader {
  readonly roots: readonly Token[];
  readonly anchors: ReadonlyMap<string, readonly Token[]>;
  readonly textOf: (token: Token) => string | undefined;
}

function takeUnder(path: readonly string[], { roots, anchors, textOf }: Reader): readonly string[] {
  const found: string[] = [];
  const seen = path.concat('').map(() => new Set<Token | string>());
  const waiting: { readonly token: Token; readonly matched: number }[] = [];
  const add = (token: Token | null | undefined, matched: number): void => {
    if (token != null) waiting.push({ token, matched });
  };
  const targets = (token: Token): readonly Token[] =>
    token.type === 'alias' ? (anchors.get(token.source.slice(1)) ?? []) : [token];
  const takeItem = ({ key, sep, value }: Item, matched: number): void => {
    const isEnd = matched === path.length;
    add(key, isEnd ? matched : 0);
    add(value, isEnd ? matched : 0);
    if (isEnd) return;
    const isPair = sep?.some(({ type }) => type === 'map-value-ind') === true;
    const names = isPair && key != null ? targets(key).map(textOf) : [];
    if (names.includes(path[matched])) add(value, matched + 1);
    if (matched === 0) return;
    if (names.includes(path[0])) add(value, 1);
    // A list of maps that are merged, or a merged map.
    if (!isPair) add(key, matched);
    if (!isPair || names.includes('<<')) add(value, matched);
  };
  for (const root of roots) add(root, 0);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { token, matched } = next;
    // Aliases by their names: thousands of one name are one.
    const mark = token.type === 'alias' ? token.source : token;
    if (seen[matched]?.has(mark)) continue;
    seen[matched]?.add(mark);
    if (token.type === 'document') add(token.value, 0);
    // What an alias stands for is read where it is written.
    else if (token.type === 'alias') for (const target of matched === 0 ? [] : targets(token)) add(target, matched);
    else if ('items' in token) for (const item of token.items) takeItem(item, matched);
    else if (matched === path.length) found.push(textOf(token) ?? '');
  }
  return found;
}

/** Every node by its anchors. An anchor before a key may be that of the key or of the map, so it is taken for both. */
function anchorsOf(roots: readonly Token[]): ReadonlyMap<string, readonly Token[]> {
  const anchors = new Map<string, Token[]>();
  const waiting = [...roots];
  const note = (tokens: readonly Token[] | undefined, ...nodes: readonly (Token | null | undefined)[]): void => {
    for (const anchor of tokens ?? []) {
      if (anchor.type !== 'anchor') continue;
      const name = anchor.source.slice(1);
      const known = anchors.get(name) ?? [];
      for (const node of nodes) if (node != null) known.push(node);
      anchors.set(name, known);
    }
  };
  for (let token = waiting.pop(); token !== undefined; token = waiting.pop()) {
    if (token.type === 'document') {
      note(token.start, token.value);
      if (token.value !== undefined) waiting.push(token.value);
    }
    if (!('items' in token)) continue;
    for (const [i, { start, key, sep, value }] of (token.items as readonly Item[]).entries()) {
      note(start, key, value, i === 0 ? token : undefined);
      note(sep, value);
      for (const part of [key, value]) if (part != null) waiting.push(part);
    }
  }
  return anchors;
}
