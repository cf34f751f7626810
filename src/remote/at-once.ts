import { ok, type Result } from '../domain/support/result.js';

/** Enough parallel requests to use the bandwidth to a remote. */
const AT_ONCE = 8;

/** Runs `work` for every item in parallel, with results in order. Stops at the first failure, after running work ends. */
export async function atOnce<T, V, E>(
  items: readonly T[],
  one: (item: T) => Promise<Result<V, E>>,
): Promise<Result<readonly V[], E>> {
  const values: V[] = new Array(items.length);
  let failed: Result<never, E> | undefined;
  const left = items.entries();
  const lane = async (): Promise<void> => {
    for (const [at, item] of left) {
      if (failed !== undefined) return;
      const result = await one(item);
      if (result.ok) values[at] = result.value;
      else failed ??= result;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return failed ?? ok(values);
}
