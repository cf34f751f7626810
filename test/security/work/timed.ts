import { expect } from 'vitest';
import type { Rig } from '../../support/rig.js';

/** No command may take longer: an answer is far quicker, a hang far slower, also on a busy machine. */
const MOST_MS = 10_000;

/** Runs refit, and fails if that takes long or ends with a bug. */
export async function timed(
  rig: Rig,
  ...args: readonly string[]
): Promise<{ readonly exit: number; readonly text: string }> {
  const started = performance.now();
  const running = rig.start(...args);
  const timer = setTimeout(() => running.kill('SIGKILL'), 3 * MOST_MS);
  const { exit, stdout, stderr } = await running.ended;
  clearTimeout(timer);
  expect(performance.now() - started, args.join(' ').slice(0, 100)).toBeLessThan(MOST_MS);
  expect(exit, stderr).not.toBe(70);
  return { exit, text: stdout + stderr };
}
