import { type Document, isAlias, isMap, isNode, isPair, isSeq, type Node } from 'yaml';

/** Deeper files are not written by people, and would exhaust the stack of whatever walks them. */
const DEEPEST = 100;
/** How many values aliases may add to those that are written. */
const MOST_REPEATED = 100_000;

/** A fault at a node of a document. */
export interface LimitFault {
  readonly code: 'unknown-alias' | 'endless-alias' | 'too-many-aliases' | 'nested-too-deeply';
  readonly message: string;
  readonly node: Node | undefined;
}

/**
 * Whether the values of a document can be made: every alias has its anchor before it and is not inside it, aliases do not
 * multiply the document, and nothing is nested too deeply. Without a fault, whatever walks the values ends soon.
 */
export function limitFaults(document: Document.Parsed): readonly LimitFault[] {
  const faults: LimitFault[] = [];
  const sizes = new Map<string, number | 'open'>();
  let repeated = 0;
  const sizeOfAlias = (source: string, node: Node): number => {
    const size = sizes.get(source);
    if (size === undefined)
      faults.push({ code: 'unknown-alias', message: `there is no anchor &${source} before this alias`, node });
    if (size === 'open')
      faults.push({ code: 'endless-alias', message: `this alias stands inside its own anchor &${source}`, node });
    if (typeof size !== 'number') return 1;
    if (repeated <= MOST_REPEATED && repeated + size > MOST_REPEATED)
      faults.push({
        code: 'too-many-aliases',
        message: `aliases repeat more than ${MOST_REPEATED} values up to here`,
        node,
      });
    repeated += size;
    return size;
  };
  const sizeOf = (node: unknown, depth: number): number => {
    if (isPair(node)) return sizeOf(node.key, depth) + sizeOf(node.value, depth);
    if (isAlias(node)) return sizeOfAlias(node.source, node);
    if (!isNode(node)) return 1;
    if (depth > DEEPEST) {
      faults.push({ code: 'nested-too-deeply', message: `this is nested deeper than ${DEEPEST} levels`, node });
      return 1;
    }
    const anchor = 'anchor' in node && typeof node.anchor === 'string' ? node.anchor : undefined;
    if (anchor !== undefined) sizes.set(anchor, 'open');
    const items = isMap(node) || isSeq(node) ? (node.items as readonly unknown[]) : [];
    const size = items.reduce<number>((sum, item) => sum + sizeOf(item, depth + 1), 1);
    if (anchor !== undefined) sizes.set(anchor, size);
    return size;
  };
  sizeOf(document.contents, 0);
  return faults;
}
