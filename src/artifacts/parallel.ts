import { ok, type Result } from '../domain/support/result.js';

/** Enough to keep the disk's queue full and its journal's commits shared. */
const AT_ONCE = 16;

/** Runs `one` for every item, some at once; the first failure ends it, once those under way are done. Results are in order. */
export async function forEachAtOnce<T, V, E>(
  items: readonly T[],
  one: (item: T) => Promise<Result<V, E>>,
): Promise<Result<readonly V[], E>> {
  const values = new Array<V>(items.length);
  let failed: Result<never, E> | undefined;
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length && failed === undefined) {
      const at = next++;
      const result = await one(items[at] as T);
      if (result.ok) values[at] = result.value;
      else failed ??= result;
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, lane));
  return failed ?? ok(values);
}
