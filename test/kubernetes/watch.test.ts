import { expect, it } from 'vitest';
import type { RefitEvent } from '../../src/domain/events.js';
import { err, ok } from '../../src/domain/support/result.js';
import type { KubernetesClient } from '../../src/execute/executors/kubernetes/client.js';
import { parseState } from '../../src/execute/executors/kubernetes/cluster-state.js';
import { createJobWatch } from '../../src/execute/executors/kubernetes/watch.js';

const PASSING = { words: 'kubectl says: i/o timeout', isPassing: true };
const REFUSED = { words: 'kubectl says: jobs is forbidden', isPassing: false };

/** A watch whose time runs six seconds whenever it looks at the clock. */
function watchOf(answer: () => Awaited<ReturnType<KubernetesClient['state']>>, isRemovable = true) {
  let nowMs = 0;
  const [texts, removed]: [string[], string[][]] = [[], []];
  const emit = (event: RefitEvent): void => void texts.push('text' in event ? event.text : event.type);
  const clock = { now: () => 0 as never, monotonicMs: () => (nowMs += 6000) };
  const watch = createJobWatch(
    { clock, emit },
    {
      create: async () => ok(undefined),
      state: async () => answer(),
      remove: async (names) => {
        removed.push([...names]);
        return isRemovable;
      },
      log: async () => ({ outcome: { kind: 'exited', exitCode: 0 }, durationMs: 0, tail: [] }),
    },
  );
  const log = { open: () => undefined, renew: async () => undefined, close: async () => true };
  const start = (name: string) =>
    watch.ended(
      { name, run: 'r', step: 'train', startWithinMs: 300_000, log, shown: undefined },
      { onNode: () => undefined },
    );
  return { watch, start, texts, removed, at: () => nowMs };
}

const stateOf = (...items: readonly object[]) => {
  const state = parseState(JSON.stringify({ items }));
  if (state === undefined) throw new Error('no list');
  return ok(state);
};

it('does not wait for ever for the end of a job that was cancelled and cannot be seen', async () => {
  const { watch, start, texts } = watchOf(() => err(PASSING));
  const ended = start('a');
  expect(await watch.cancel('a')).toBe(true);
  expect(await ended).toEqual({ outcome: { kind: 'cancelled' }, isLeft: true });
  expect(texts).toEqual([
    'the Kubernetes cluster cannot be asked about the jobs (kubectl says: i/o timeout); refit goes on asking',
  ]);
});

it('gives up after minutes of refusals, says what kubectl says, and deletes all jobs in one call', async () => {
  const { start, texts, removed, at } = watchOf(() => err(REFUSED));
  const ends = await Promise.all([start('a'), start('b')]);
  for (const end of ends)
    expect(end).toEqual({
      outcome: { kind: 'not-started', reason: expect.stringContaining('jobs is forbidden') },
      isLeft: true,
    });
  expect(at()).toBeGreaterThan(300_000);
  expect(removed).toEqual([['a', 'b']]);
  expect(texts).toEqual([
    expect.stringContaining('(kubectl says: jobs is forbidden); refit goes on asking, and gives'),
  ]);
});

it('goes on where a refusal ends in time', async () => {
  let asked = 0;
  const done = {
    kind: 'Job',
    metadata: { name: 'a' },
    status: { conditions: [{ type: 'Complete', status: 'True' }] },
  };
  const { start, removed } = watchOf(() => (asked++ < 4 ? err(REFUSED) : stateOf(done)));
  expect(await start('a')).toEqual({ outcome: { kind: 'exited', exitCode: 0 } });
  expect(removed).toEqual([]);
});

it.each([true, false])('keeps what leads to a job that was given up and cannot be deleted: %s', async (isRemovable) => {
  const job = { kind: 'Job', metadata: { name: 'a' } };
  const waiting = { reason: 'InvalidImageName', message: 'no image' };
  const pod = {
    kind: 'Pod',
    metadata: { name: 'a-1', labels: { 'job-name': 'a' } },
    status: { phase: 'Pending', containerStatuses: [{ name: 'step', state: { waiting } }] },
  };
  const { start, removed } = watchOf(() => stateOf(...(removed.length === 0 ? [job, pod] : [])), isRemovable);
  const end = await start('a');
  expect(end.outcome).toMatchObject({ kind: 'not-started' });
  expect(end.isLeft).toBe(isRemovable ? undefined : true);
  expect(removed).toEqual([['a']]);
});
