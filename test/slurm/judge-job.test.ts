import { describe, expect, it } from 'vitest';
import type { JobResult } from '../../src/domain/runs/job-files.js';
import { parseAccounting, parseQueue, type QueuedJob } from '../../src/execute/executors/slurm/job-states.js';
import { judgeJob, LONGEST_END_MS, overdue, type Seen } from '../../src/execute/executors/slurm/judge-job.js';

const told: JobResult = { outcome: { kind: 'cancelled' }, isTold: true, node: 'n1', durationMs: 5 };

const state = (name: string, more: Partial<QueuedJob> = {}): QueuedJob => ({
  id: '7',
  state: name,
  restarts: 0,
  node: 'n1',
  exitCode: '0:0',
  isPreempted: false,
  comment: '',
  ...more,
});

/** How it ends once refit has waited long enough for a result. */
const endOf = (known: QueuedJob | undefined, seen: Seen = {}) =>
  judgeJob({ goneSinceMs: 0, ...seen }, { state: known, restart: 0, nowMs: 60_000 }).ending;

it('waits minutes for the result of a job that has ended well, where it comes through a store', () => {
  const at = (nowMs: number, name = 'COMPLETED', seen: Seen = {}) =>
    judgeJob({ goneSinceMs: 0, ...seen }, { state: state(name), restart: 0, nowMs, isStaged: true }).ending?.outcome;
  expect(at(120_000)).toBeUndefined();
  expect(at(181_000)).toEqual({ kind: 'job-ended', reason: 'vanished' });
  expect(at(3000, 'TIMEOUT')).toEqual({ kind: 'timed-out' });
  expect(at(3000, 'COMPLETED', { cancelledAtMs: 0 })).toEqual({ kind: 'cancelled' });
});

describe('the end of a job of which there is no result', () => {
  it.each([
    ['CANCELLED', { kind: 'cancelled' }],
    ['TIMEOUT', { kind: 'timed-out' }],
    ['DEADLINE', { kind: 'timed-out' }],
    ['PREEMPTED', { kind: 'job-ended', reason: 'preempted' }],
    ['NODE_FAIL', { kind: 'job-ended', reason: 'node-failed' }],
    ['BOOT_FAIL', { kind: 'job-ended', reason: 'node-failed' }],
    ['OUT_OF_MEMORY', { kind: 'job-ended', reason: 'out-of-memory' }],
    ['COMPLETED', { kind: 'job-ended', reason: 'vanished' }],
    // The program on the node was not started: the executor reads why.
    ['FAILED', undefined],
  ])('is, in state %s, %o', (name, outcome) => {
    expect(endOf(state(name))?.outcome).toEqual(outcome);
  });

  it('is the signal that killed the program on the node', () => {
    expect(endOf(state('FAILED', { exitCode: '0:9' }))?.outcome).toEqual({ kind: 'signalled', signal: 'SIGKILL' });
  });

  it('is waited for where a result may come late, and not where the job has never run', () => {
    const look = { restart: 0, nowMs: 1000 };
    expect(judgeJob({}, { ...look, state: state('CANCELLED') })).toEqual({ seen: { goneSinceMs: 1000 } });
    expect(judgeJob({}, { ...look, state: state('CANCELLED', { node: '' }) }).ending?.outcome).toEqual({
      kind: 'cancelled',
    });
    expect(judgeJob({}, { ...look, state: undefined }).ending).toBeUndefined();
    expect(endOf(undefined)?.outcome).toEqual({ kind: 'job-ended', reason: 'vanished' });
  });
});

describe('a job that is in the queue again', () => {
  const again = (seen: Seen, isPreempted: boolean) => endOf(state('PENDING', { restarts: 1, isPreempted }), seen);

  it('was preempted if Slurm says so, also without a word of its node', () => {
    expect(again({}, true)?.outcome).toEqual({ kind: 'job-ended', reason: 'preempted' });
    expect(again({ result: told }, true)?.outcome).toEqual({ kind: 'job-ended', reason: 'preempted' });
    expect(again({}, false)?.outcome).toEqual({ kind: 'job-ended', reason: 'node-failed' });
    expect(again({ result: told }, false)?.outcome).toEqual({ kind: 'job-ended', reason: 'requeued' });
  });
});

it('is waited for no longer than a minute after Slurm has taken its cancellation', () => {
  expect(overdue({}, 1e9)).toBeUndefined();
  expect(overdue({ cancelledAtMs: 5 }, 4 + LONGEST_END_MS)).toBeUndefined();
  expect(overdue({ cancelledAtMs: 5 }, 5 + LONGEST_END_MS)).toEqual({ outcome: { kind: 'cancelled' }, isLeft: true });
});

describe('the end of a job whose command was told to end', () => {
  it('is what Slurm did with the job, and the signal itself where Slurm knows nothing of it', () => {
    const look = (known: QueuedJob | undefined) => endOf(known, { result: told })?.outcome;
    expect(look(state('TIMEOUT'))).toEqual({ kind: 'timed-out' });
    expect(look(state('CANCELLED'))).toEqual({ kind: 'cancelled' });
    expect(look(state('FAILED'))).toEqual({ kind: 'signalled', signal: 'SIGTERM' });
    expect(look(undefined)).toEqual({ kind: 'signalled', signal: 'SIGTERM' });
  });

  it('is a requeue with its reason where the job is in the queue again', () => {
    const again = (more: Partial<QueuedJob>, seen: Seen) =>
      endOf(state('PENDING', { restarts: 1, node: '', ...more }), seen);
    expect(again({}, { result: told })).toMatchObject({
      isRequeued: true,
      node: 'n1',
      outcome: { reason: 'requeued' },
    });
    expect(again({ isPreempted: true }, { result: told })?.outcome).toEqual({ kind: 'job-ended', reason: 'preempted' });
    expect(again({}, {})?.outcome).toEqual({ kind: 'job-ended', reason: 'node-failed' });
  });

  it('is not there while the job runs or waits', () => {
    for (const name of ['PENDING', 'RUNNING', 'COMPLETING', 'SUSPENDED', 'CONFIGURING'])
      expect(judgeJob({ goneSinceMs: 0 }, { state: state(name), restart: 0, nowMs: 60_000 })).toEqual({ seen: {} });
  });
});

it('reads the queue and the accounting database', () => {
  const [waiting, ended] = parseQueue(
    '12_3     |PENDING  |1   |   |0:0 |N/A  |refit:r:0 |\n13|FAILED|0|n1|0:9|2026-01-01T00:00:00|(null)|\nnonsense\n',
  );
  expect(waiting).toMatchObject({
    id: '12_3',
    state: 'PENDING',
    restarts: 1,
    node: '',
    isPreempted: false,
    comment: 'refit:r:0',
  });
  expect(ended).toMatchObject({ id: '13', node: 'n1', exitCode: '0:9', isPreempted: true });
  expect(parseAccounting('12_1|COMPLETED|0:0|n1\n12_3|CANCELLED by 1000|0:15|n2\n', '12_3')).toMatchObject({
    state: 'CANCELLED',
    node: 'n2',
  });
  expect(parseAccounting('', '12_3')).toBeUndefined();
});
