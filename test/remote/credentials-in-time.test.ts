import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { inTime } from '../../src/remote/stores/s3-client.js';

function patience(timeoutMs: number) {
  const controller = new AbortController();
  let abandoned = 0;
  const abandon = (): void => void abandoned++;
  return { signal: controller.signal, abandon, timeoutMs, stop: () => controller.abort(), abandoned: () => abandoned };
}

const never = new Promise<never>(() => undefined);

it('leaves a search for credentials alone that ends, well or badly', async () => {
  const asked = patience(60_000);
  expect(await inTime(Promise.resolve('keys'), asked)).toBe('keys');
  await expect(inTime(Promise.reject(new Error('none')), asked)).rejects.toThrow('none');
  // what the end of the wait calls has been called after a turn of the event loop
  await delay(10);
  expect(asked.abandoned()).toBe(0);
});

it('abandons one that is late, or that a signal ends', async () => {
  const late = patience(1);
  await expect(inTime(never, late)).rejects.toThrow('no credentials came within');
  expect(late.abandoned()).toBe(1);
  const stopped = patience(60_000);
  const waiting = inTime(never, stopped);
  stopped.stop();
  await expect(waiting).rejects.toThrow();
  expect(stopped.abandoned()).toBe(1);
});
