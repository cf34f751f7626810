import { type Alias, type Document, isAlias, isMap, isNode, isPair, isSeq, type Node } from 'yaml';

/**
 * Tells each alias what it stands for, in one walk. The parser searches the whole document for each one, and again whenever it is
 * asked: a file of some thousand aliases takes it minutes. Call it after the limits of aliases are checked.
 */
export function bindAliases(document: Document): void {
  const anchors = new Map<string, Node>();
  const bound: Node[] = [];
  const visit = (node: unknown): void => {
    if (isPair(node)) {
      visit(node.key);
      visit(node.value);
    } else if (isAlias(node)) bind(node, anchors.get(node.source));
    else if (isNode(node)) {
      if ('anchor' in node && typeof node.anchor === 'string') {
        anchors.set(node.anchor, node);
        bound.push(node);
      }
      if (isMap(node) || isSeq(node)) for (const item of node.items) visit(item);
    }
  };
  visit(document.contents);
  // The parser keeps a list of nodes with anchors, and walks it for every key that is a map or a list.
  for (const node of bound) if ('anchor' in node) node.anchor = undefined;
}

function bind(alias: Alias, target: Node | undefined): void {
  if (target === undefined) return;
  alias.resolve = () => target as ReturnType<Alias['resolve']>;
  alias.toJSON = (arg, context) =>
    (target as { toJSON: (arg?: unknown, context?: unknown) => unknown }).toJSON(arg, context);
  alias.toString = () => `*${alias.source}`;
}
