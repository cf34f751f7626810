import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { RunId, StepName } from '../../../src/domain/ids.js';
import { openStepLocks } from '../../../src/platform/locks/step-locks.js';

const A = 'a' as StepName;
const B = 'b' as StepName;

/** Ids of runs that began within one second are in no order. */
it.each([
  ['rise', '20260301-100000-000001', '20260301-100000-ffffff'],
  ['fall', '20260301-100000-ffffff', '20260301-100000-000001'],
])('lets the run give way that began later, where the ids %s', (_, first, second) => {
  const folder = mkdtempSync(join(tmpdir(), 'refit-step-locks-'));
  const dead = new Set<RunId>();
  const open = (run: string) =>
    openStepLocks(join(folder, 'p.db'), { run: run as RunId, isAlive: (other) => !dead.has(other) });
  const older = open(first);
  const younger = open(second);
  expect([older.isOldest(), younger.isOldest()]).toEqual([true, false]);
  older.use(A);
  younger.use(B);
  expect([older.mustGiveWay(), younger.mustGiveWay()]).toEqual([false, false]);
  older.waitForUsers(B);
  const waiting = younger.waitForUsers(A);
  expect([older.mustGiveWay(), younger.mustGiveWay()]).toEqual([false, true]);
  waiting.stop();
  expect(younger.mustGiveWay()).toBe(false);
  dead.add(first as RunId);
  expect(younger.isOldest()).toBe(true);
  younger.forget(first as RunId);
  dead.clear();
  expect(younger.isOldest()).toBe(true);
  older.close();
  younger.close();
  rmSync(folder, { recursive: true });
});
