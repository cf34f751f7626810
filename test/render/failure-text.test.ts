import { describe, expect, it } from 'vitest';
import type { Failure } from '../../src/domain/failure.js';
import { apart } from '../../src/domain/failure.js';
import { failureText } from '../../src/render/parts/failure-text.js';
import { FAILURES } from '../support/failures.js';

/** Everything of a text, as it is shown. */
const shown = (failure: Failure): string => {
  const { what, lines = [], next } = failureText(failure);
  return [what, ...lines, next].join('\n');
};

/** Facts that need not be said, because the command says them itself or they are said in other words. */
const UNSAID = new Set(['code', 'diagnostics', 'tail', 'kind', 'problem', 'path', 'afterMs', 'limitMs', 'model']);

describe.each(Object.values(FAILURES))('$code', (failure) => {
  it('says what happened and what to do next', () => {
    const { what, next } = failureText(failure);
    expect(what.length).toBeGreaterThan(10);
    expect(next.length).toBeGreaterThan(5);
    expect(what + next).not.toMatch(/undefined|\[object|NaN/);
  });

  it('contains every fact of the failure', () => {
    const text = shown(failure);
    for (const [key, value] of Object.entries(failure))
      if (!UNSAID.has(key)) for (const one of [value].flat()) expect(text, key).toContain(String(one));
  });
});

describe('a step that exited', () => {
  const exited = (exitCode: number, isDiskFull?: boolean) =>
    failureText({ code: 'step-exited', step: 's', exitCode, logPath: 's.log', tail: ['last words'], isDiskFull });

  it('with 127 names a missing program as the cause, with other codes not', () => {
    expect(exited(127).next).toBe('the shell did not find a program: install it, or fix "run"; the log: s.log');
    for (const exitCode of [1, 126, 128]) {
      expect(exited(exitCode).next).toBe('read the whole log: s.log; then run again, finished steps are skipped');
      expect(exited(exitCode)).toMatchObject({ what: `step "s" exited with ${exitCode}`, lines: ['last words'] });
    }
  });

  it('names no finished steps where it ran by itself or in scratch', () => {
    const failure = { code: 'step-exited', step: 's', exitCode: 1, logPath: 's.log', tail: [] } as const;
    expect(failureText(apart(failure)).next).toBe('read the whole log: s.log; then run again');
    expect(failureText(apart({ code: 'step-cancelled', step: 's' })).next).toBe('run it again');
    expect(apart({ code: 'bug', pipeline: 'p', stack: '' })).toEqual({ code: 'bug', pipeline: 'p', stack: '' });
  });

  it('on a full disk asks to make room, whatever its exit code', () => {
    for (const exitCode of [1, 127])
      expect(exited(exitCode, true)).toMatchObject({
        what: `step "s" exited with ${exitCode}, and the disk is full`,
        next: 'make room on the disk, then run again; the log: s.log',
      });
  });
});

it('names memory as a possible cause for a step that was killed, not for one ended by another signal', () => {
  const signalled = (signal: string) =>
    failureText({ code: 'step-signalled', step: 's', signal, logPath: 's.log', tail: [] }).what;
  expect(signalled('SIGKILL')).toBe('step "s" was ended by SIGKILL (out of memory, or kill -9)');
  for (const signal of ['SIGTERM', 'SIGSEGV', 'SIGINT'])
    expect(signalled(signal)).toBe(`step "s" was ended by ${signal}`);
});

describe('lists of names', () => {
  const names = (count: number) => Array.from({ length: count }, (_, i) => `name${i}`);
  const next = (available: readonly string[]) =>
    failureText({ code: 'not-found', what: 'model', name: 'm', available, next: 'see "refit models"' }).next;

  it('show up to twelve', () => {
    for (const count of [1, 2, 11, 12])
      expect(next(names(count))).toBe(`there are: ${names(count).join(', ')}; see "refit models"`);
    expect(next(names(13))).toBe(`there are: ${names(12).join(', ')}; see "refit models"`);
  });

  it('are omitted when they are empty', () => {
    expect(next([])).toBe('see "refit models"');
    expect(failureText({ code: 'pipeline-not-found', name: 'p', available: [] }).next).toContain('refit init');
    expect(failureText({ code: 'pipeline-not-found', name: 'p', available: names(2) }).next).toBe(
      'pipelines here: name0, name1',
    );
  });
});

it.each([
  [{ min: 0.5 }, 'step "s": auc is 0.4, expected at least 0.5'],
  [{ max: 0.3 }, 'step "s": auc is 0.4, expected at most 0.3'],
  [{ min: 0.5, max: 0.9 }, 'step "s": auc is 0.4, expected at least 0.5 and at most 0.9'],
])('an expectation %j that is not met', (limits, what) => {
  expect(failureText({ code: 'expectation-failed', step: 's', metric: 'auc', value: 0.4, ...limits }).what).toBe(what);
  expect(failureText({ code: 'expectation-failed', step: 's', metric: 'auc', ...limits }).what).toContain('is missing');
});

it('an output that should not be empty, and one with other bytes than expected', () => {
  const output = { code: 'output-unexpected', step: 's', output: 'model', path: 'm.bin' } as const;
  expect(failureText({ ...output, problem: 'empty' }).what).toBe(
    'step "s": output "model" is empty, expected not_empty',
  );
  expect(failureText({ ...output, problem: 'sha256', expected: 'aa', found: 'bb' }).what).toBe(
    'step "s": output "model" has sha256 bb, expected aa',
  );
});

it('a pipeline that is busy, with and without the run that holds it', () => {
  expect(failureText({ code: 'busy', pipeline: 'p', holder: 'process 42', run: 'r-1' })).toEqual({
    what: 'pipeline "p" is busy: process 42 holds it, for run r-1',
    next: 'watch it (refit logs r-1 -f), or wait for it (--wait 10m); the lock goes away with its process',
  });
  expect(failureText({ code: 'busy', pipeline: 'p' })).toEqual({
    what: 'pipeline "p" is busy: another process holds it',
    next: 'wait for it (--wait 10m); the lock goes away with its process',
  });
});

it('shortens hashes of an integrity failure, and keeps other words whole', () => {
  const integrity = { code: 'integrity', what: 'the log', next: 'see a backup' } as const;
  const hash = 'abcdef0123456789'.repeat(4);
  expect(failureText({ ...integrity, expected: hash, found: 'an entry that nobody has written' }).what).toBe(
    'the log: expected abcdef0123456789, found an entry that nobody has written',
  );
  expect(failureText({ ...integrity, expected: `entry 3 of the log: ${hash}`, found: 'nothing' }).what).toBe(
    'the log: expected entry 3 of the log: abcdef0123456789, found nothing',
  );
});
