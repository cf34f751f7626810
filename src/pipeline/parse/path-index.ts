/** An index of paths by the folders that they lie in, so that overlaps are found without comparing every pair. */
export interface PathIndex<T> {
  readonly add: (path: string, value: T) => void;
  /** Values whose path equals this one, lies inside it, or contains it, in the order in which they were added. */
  readonly overlapping: (path: string) => readonly T[];
}

export function createPathIndex<T>(): PathIndex<T> {
  type Entry = readonly [number, T];
  const at = new Map<string, Entry[]>();
  const below = new Map<string, Entry[]>();
  let count = 0;
  const put = (map: Map<string, Entry[]>, path: string, entry: Entry): void => {
    const known = map.get(path);
    if (known === undefined) map.set(path, [entry]);
    else known.push(entry);
  };
  return {
    add: (path, value) => {
      const entry = [count++, value] as const;
      put(at, path, entry);
      for (const folder of foldersOf(path)) put(below, folder, entry);
    },
    overlapping: (path) => {
      const found = [path, ...foldersOf(path)].flatMap((one) => at.get(one) ?? []).concat(below.get(path) ?? []);
      return found.sort(([a], [b]) => a - b).map(([, value]) => value);
    },
  };
}

/** `a/b/c` lies in `a/b`, `a` and `.`. */
function foldersOf(path: string): readonly string[] {
  if (path === '.') return [];
  const segments = path.split('/');
  return [...segments.keys()].map((length) => (length === 0 ? '.' : segments.slice(0, length).join('/')));
}
