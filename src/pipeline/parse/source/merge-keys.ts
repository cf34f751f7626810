import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  Scalar,
  type YAMLMap,
} from 'yaml';

/** A merge key whose value cannot be merged. */
export interface MergeFault {
  readonly message: string;
  readonly node: Node | undefined;
}

/**
 * Puts the keys of `<<: *base` where they are merged; keys of the map itself, and of earlier maps of a list, come first. The nodes
 * are those of the anchor, so that a fault in one of them is reported there. Call it after the aliases are bound.
 */
export function expandMergeKeys(document: Document.Parsed): readonly MergeFault[] {
  const faults: MergeFault[] = [];
  const target = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);

  const mapsOf = ({ value }: Pair): readonly YAMLMap[] => {
    const given = target(value);
    const maps = (isSeq(given) ? given.items.map(target) : [given]).filter(isMap);
    const isWhole = isSeq(given) ? maps.length === given.items.length : maps.length === 1;
    if (!isWhole)
      faults.push({ message: '"<<" merges a map, or a list of maps', node: isNode(value) ? value : undefined });
    return maps;
  };

  const merge = (map: YAMLMap): void => {
    const known = new Set(map.items.filter((pair) => !isMergeKey(pair)).map(nameOf));
    map.items = map.items.flatMap((pair) => {
      if (!isMergeKey(pair)) return [pair];
      return mapsOf(pair).flatMap(({ items }) =>
        items.filter((one) => {
          const name = nameOf(one);
          if (known.has(name)) return false;
          known.add(name);
          return true;
        }),
      );
    });
  };

  // In the order of the text: what an alias stands for is complete before it.
  const visit = (node: unknown): void => {
    if (isPair(node)) visit(node.value);
    if (isSeq(node) || isMap(node)) for (const item of node.items) visit(item);
    if (isMap(node) && node.items.some(isMergeKey)) merge(node);
  };
  visit(document.contents);
  return faults;
}

const isMergeKey = ({ key }: Pair): boolean => isScalar(key) && key.value === '<<' && key.type === Scalar.PLAIN;

const nameOf = ({ key }: Pair): string => (isScalar(key) ? String(key.value) : String(key));
