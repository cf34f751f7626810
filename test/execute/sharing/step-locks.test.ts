import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { RunId, StepName } from '../../../src/domain/ids.js';
import { openStepLocks } from '../../../src/platform/locks/step-locks.js';

const A = 'a' as StepName;
const B = 'b' as StepName;

const open = (folder: string, run: string, isAlive = true) =>
  openStepLocks(join(folder, 'p.db'), { run: run as RunId, isAlive: () => isAlive });

/** What a run need not ask of others while it is alone, it must ask from the first claim on after another has begun. */
it('knows whether another run was there or has begun since', () => {
  const folder = mkdtempSync(join(tmpdir(), 'refit-step-locks-'));
  const first = open(folder, 'first');
  expect([first.make(A), first.isAlone(), first.user(A)]).toEqual([undefined, true, undefined]);
  const second = open(folder, 'second');
  expect([second.isAlone(), second.make(A)]).toEqual([false, { run: 'first', isAlive: true }]);
  expect(second.use(B)).toBeUndefined();
  expect([first.make(B), first.isAlone(), first.user(B)]).toEqual([undefined, false, { run: 'second', isAlive: true }]);
  second.close();
  expect([first.make(A), first.isAlone()]).toEqual([undefined, false]);
  // Killed: nothing is closed, so the next run finds what it claimed.
  const third = open(folder, 'third', false);
  expect([third.make(A), third.isAlone()]).toEqual([{ run: 'first', isAlive: false }, false]);
  first.close();
  third.close();
  const fourth = open(folder, 'fourth');
  expect([fourth.make(A), fourth.isAlone()]).toEqual([undefined, true]);
  fourth.close();
  rmSync(folder, { recursive: true });
});

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
