import { expect, it } from 'vitest';
import type { JobResult } from '../../src/domain/runs/job-files.js';
import { parseState } from '../../src/execute/executors/kubernetes/cluster-state.js';
import { judgeJob, podOf } from '../../src/execute/executors/kubernetes/judge-job.js';
import { judgeStaged } from '../../src/execute/executors/kubernetes/judge-staged.js';

const running = { running: {} };
const ended = (exitCode: number, reason = 'Error') => ({ terminated: { exitCode, reason } });

/** What is judged at a moment, given the states of the containers of a pod. */
function judge(
  { step, send, fetch, phase = 'Running', conditions = [], job = {}, pod = {} }: Readonly<Record<string, unknown>>,
  { result, nowMs = 0, sinceMs, silentSinceMs, isWaitedFor, isSending }: Readonly<Record<string, unknown>> = {},
) {
  const containerStatuses = [
    { name: 'step', state: step },
    { name: 'send', state: send },
  ];
  const initContainerStatuses = [{ name: 'fetch', state: fetch ?? ended(0, 'Completed') }];
  const items = [
    { kind: 'Job', metadata: { name: 'a', ...(job as object) } },
    {
      kind: 'Pod',
      metadata: { name: 'a-1', labels: { 'job-name': 'a' }, ...(pod as object) },
      spec: { nodeName: 'n' },
      status: { phase, conditions, containerStatuses, initContainerStatuses },
    },
  ];
  const state = parseState(JSON.stringify({ items }));
  if (state === undefined) throw new Error('no list');
  const look = { job: state.jobs.get('a'), pod: podOf(state, 'a'), nowMs: Number(nowMs), startWithinMs: 300_000 };
  const { ending, seen } = judgeJob({}, look);
  return judgeStaged({
    ...{ ...look, ending, seen, result: result as JobResult | undefined },
    ...{ isWaitedFor: isWaitedFor === true, isSending: isSending === true },
    ...{ sinceMs: sinceMs as number | undefined, silentSinceMs: silentSinceMs as number | undefined },
    failureOf: (problem, node) => ({ code: 'staging-failed', step: 'train', store: 's3://lab', node, ...problem }),
  });
}

const resultOf = (outcome: JobResult['outcome'], more: Partial<JobResult> = {}): JobResult => ({
  ...{ outcome, isTold: false, node: 'n', durationMs: 5 },
  ...more,
});

it('waits for what a command has made as long as it is being sent', () => {
  const looks = { step: ended(0, 'Completed'), send: running };
  expect(judge(looks, { nowMs: 9_000_000, silentSinceMs: 0, isSending: true })).toEqual({});
  expect(judge(looks, { result: resultOf({ kind: 'exited', exitCode: 0 }) }).ending).toEqual({
    ...{ outcome: { kind: 'exited', exitCode: 0 }, durationMs: 5 },
  });
});

it('gives up a pod that says nothing of what its command has made for more than an hour', () => {
  const looks = { step: ended(0, 'Completed'), send: running };
  expect(judge(looks, { nowMs: 20 })).toEqual({ silentSinceMs: 20 });
  expect(judge(looks, { nowMs: 4_199_000, silentSinceMs: 0 })).toEqual({ silentSinceMs: 0 });
  expect(judge(looks, { nowMs: 4_200_000, silentSinceMs: 0, isWaitedFor: true })).toEqual({});
  expect(judge(looks, { nowMs: 4_200_000, silentSinceMs: 0 }).ending).toMatchObject({
    isOpen: true,
    failure: { code: 'staging-failed', doing: 'put', reason: expect.stringMatching(/"send" .* nothing .* an hour/) },
  });
  expect(judge({ ...looks, step: ended(3) }, { nowMs: 4_200_000, silentSinceMs: 0 }).ending).toEqual({
    ...{ outcome: { kind: 'exited', exitCode: 3 }, isOpen: true },
  });
});

it('deletes a job whose command cannot start while another container waits for it', () => {
  const { ending } = judge({ step: ended(128, 'StartError'), send: running });
  expect(ending).toMatchObject({ outcome: { kind: 'not-started' }, isOpen: true });
});

it('calls a command not started that has waited in vain for the container that sends', () => {
  const held = { step: ended(75), send: { waiting: { reason: 'ContainerCreating' } }, phase: 'Pending' };
  expect(judge(held)).toEqual({ sinceMs: 0 });
  expect(judge(held, { nowMs: 6000, sinceMs: 0 }).ending).toEqual({
    outcome: { kind: 'not-started', reason: 'its container "send" cannot start: ContainerCreating' },
    isOpen: true,
  });
  const outcome = { kind: 'not-started', reason: 'too late' } as const;
  expect(judge({ step: ended(75), send: running }, { result: resultOf(outcome) }).ending?.outcome).toEqual(outcome);
});

it('takes the word of the cluster on how a command has failed, for which a result waits some seconds', () => {
  const result = resultOf({ kind: 'signalled', signal: 'SIGKILL' });
  expect(judge({ step: running, send: running }, { result, nowMs: 10 })).toEqual({ sinceMs: 10 });
  expect(judge({ step: ended(137, 'OOMKilled'), send: running }, { result }).ending?.outcome).toEqual({
    ...{ kind: 'job-ended', reason: 'out-of-memory' },
  });
  expect(judge({ step: running, send: running }, { result, nowMs: 6000, sinceMs: 0 }).ending?.outcome).toEqual(
    result.outcome,
  );
});

it('calls a command that exits with 0 after it was told to end preempted, deleted or ended', () => {
  const result = resultOf({ kind: 'cancelled' }, { isTold: true });
  const over = { step: ended(0, 'Completed'), send: running, pod: { deletionTimestamp: '2026-01-01T00:00:00Z' } };
  const conditions = [{ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }];
  expect(judge({ ...over, conditions }, { result }).ending?.outcome).toEqual({
    kind: 'job-ended',
    reason: 'preempted',
  });
  const job = { deletionTimestamp: '2026-01-01T00:00:00Z' };
  expect(judge({ ...over, job }, { result }).ending?.outcome).toEqual({ kind: 'cancelled' });
  expect(judge(over, { result }).sinceMs).toBe(0);
  expect(judge(over, { result, sinceMs: 0, nowMs: 6000 }).ending?.outcome).toMatchObject({ kind: 'signalled' });
});

it('says which container has failed where a pod is over without a result', () => {
  const late = { nowMs: 6000, sinceMs: 0 };
  const unsent = judge({ step: ended(0, 'Completed'), send: ended(76), phase: 'Failed' }, late);
  expect(unsent.ending?.failure).toMatchObject({
    doing: 'put',
    node: 'n',
    reason: expect.stringMatching(/"send" .* could not read or write/),
  });
  const unfetched = judge({ fetch: ended(77), phase: 'Failed' }, late);
  expect(unfetched.ending?.failure).toMatchObject({
    doing: 'fetch',
    reason: expect.stringMatching(/"fetch" .* another version of refit/),
  });
  const failed = judge({ step: ended(3), send: ended(1), phase: 'Failed' }, late);
  expect(failed.ending).toEqual({ outcome: { kind: 'exited', exitCode: 3 } });
});

it('waits for minutes for a result that was put, and not while the bucket is away', () => {
  const over = { step: ended(0, 'Completed'), send: ended(0, 'Completed'), phase: 'Succeeded' };
  expect(judge(over, { nowMs: 170_000, sinceMs: 0 })).toEqual({ sinceMs: 0 });
  expect(judge(over, { nowMs: 181_000, sinceMs: 0 }).ending?.outcome).toEqual({
    kind: 'job-ended',
    reason: 'vanished',
  });
  expect(judge(over, { nowMs: 999_000, sinceMs: 0, isWaitedFor: true })).toEqual({});
});

it('gives up a pod that was told to end on a node that is cut off', () => {
  const cut = { step: ended(0, 'Completed'), send: running, pod: { deletionTimestamp: '2026-01-01T00:00:00Z' } };
  const job = { deletionTimestamp: '2026-01-01T00:00:00Z' };
  expect(judge({ ...cut, job }, { nowMs: 100_000, sinceMs: 0 })).toEqual({ sinceMs: 0 });
  expect(judge({ ...cut, job }, { nowMs: 151_000, sinceMs: 0 }).ending).toEqual({
    ...{ outcome: { kind: 'job-ended', reason: 'node-failed' }, isOpen: true },
  });
});
