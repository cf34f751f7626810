export interface PathIndex<T> {
  /** Items whose path is this one, lies inside it, or holds it; in the order in which they were given. */
  readonly overlapping: (path: string) => readonly T[];
}

/** Paths by place, so that ten thousand outputs are not compared with each other pair by pair. */
export function indexPaths<T>(items: readonly T[], pathOf: (item: T) => string): PathIndex<T> {
  const at = new Map<string, number[]>();
  const inside = new Map<string, number[]>();
  items.forEach((item, i) => {
    const path = pathOf(item);
    append(at, path, i);
    for (const folder of foldersAbove(path)) append(inside, folder, i);
  });
  return {
    overlapping: (path) => {
      if (path === '.') return items;
      const above = ['.', ...foldersAbove(path)].flatMap((folder) => at.get(folder) ?? []);
      const found = [...new Set([...above, ...(at.get(path) ?? []), ...(inside.get(path) ?? [])])];
      return found.sort((a, b) => a - b).flatMap((i) => items[i] ?? []);
    },
  };
}

function append(map: Map<string, number[]>, key: string, value: number): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}

function foldersAbove(path: string): readonly string[] {
  const folders: string[] = [];
  for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) folders.push(path.slice(0, end));
  return folders;
}
