import { expect, it } from 'vitest';
import { mapInParallel } from '../../src/domain/support/parallel.js';
import { err, ok } from '../../src/domain/support/result.js';

const items = Array.from({ length: 20 }, (_, i) => i);

it('keeps the order of the items, and never runs more at once than allowed', async () => {
  let [running, most] = [0, 0];
  const done = await mapInParallel(items, 3, async (item) => {
    running += 1;
    most = Math.max(most, running);
    // later items end sooner
    for (let turns = items.length - item; turns > 0; turns--) await Promise.resolve();
    running -= 1;
    return ok(item * 2);
  });
  expect(done).toEqual(ok(items.map((item) => item * 2)));
  expect(most).toBe(3);
});

it('starts nothing after a failure, and waits for what runs', async () => {
  const [started, ended]: [number[], number[]] = [[], []];
  const done = await mapInParallel(items, 4, async (item) => {
    started.push(item);
    await Promise.resolve();
    if (item === 1) return err('one failed');
    await Promise.resolve();
    ended.push(item);
    return ok(item);
  });
  expect(done).toEqual(err('one failed'));
  expect(started).toEqual([0, 1, 2, 3]);
  expect(ended).toEqual([0, 2, 3]);
});

it('has nothing to do for no items', async () => {
  expect(await mapInParallel([], 4, async () => err('never called'))).toEqual(ok([]));
});
