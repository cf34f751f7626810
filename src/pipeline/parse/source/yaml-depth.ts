import { type CST, Parser } from 'yaml';

/**
 * The composer of the YAML library calls itself at every level, and its regular expressions end the process where the stack is
 * nearly used up. At this depth it is far from that.
 */
const DEEPEST = 1000;

/** Where a text is nested deeper than can be read, as an offset into it, or `undefined`. */
export function tooDeepAt(text: string): number | undefined {
  if (couldBeAsDeepAs(text) <= DEEPEST) return undefined;
  for (const token of new Parser().parse(text)) {
    const found = deepIn(token);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** No less than the depth of the text, by its brackets, its indentation and its marks, without reading it as YAML. */
function couldBeAsDeepAs(text: string): number {
  let open = 0;
  let deepest = 0;
  for (const [sign] of text.matchAll(/[[\]{}]/g)) {
    open += sign === '[' || sign === '{' ? 1 : -1;
    deepest = Math.max(deepest, open);
    if (open < 0) open = 0;
  }
  let before = 0;
  for (const [marks] of text.matchAll(/^(?:[ \t]|[-?:](?=[ \t]|$))*/gm)) before = Math.max(before, marks.length);
  return deepest + before;
}

/** Walks without calling itself. Each collection and each of its values is one level. */
function deepIn(root: CST.Token): number | undefined {
  const waiting: { readonly token: CST.Token; readonly depth: number }[] = [{ token: root, depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { token, depth } = next;
    if (depth > DEEPEST) return token.offset;
    if (token.type === 'document' && token.value !== undefined) waiting.push({ token: token.value, depth });
    if (!('items' in token)) continue;
    for (const { key, value } of token.items) {
      if (key != null) waiting.push({ token: key, depth: depth + 1 });
      if (value !== undefined) waiting.push({ token: value, depth: depth + 1 });
    }
  }
  return undefined;
}
