import { ok, type Result } from './result.js';

/**
 * Runs `one` for every item, at most `atOnce` at a time. Results are in the order of the items. After the first failure
 * no new item is started, and that failure is returned when those already started have ended.
 */
export async function mapInParallel<T, V, E>(
  items: readonly T[],
  atOnce: number,
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
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
  return failed ?? ok(values);
}
