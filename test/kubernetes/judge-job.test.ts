import { expect, it } from 'vitest';
import { parseState } from '../../src/execute/executors/kubernetes/cluster-state.js';
import { judgeJob, podOf } from '../../src/execute/executors/kubernetes/judge-job.js';

const look = (nowMs: number, ...items: readonly object[]) => {
  const state = parseState(JSON.stringify({ items }));
  if (state === undefined) throw new Error('no list');
  return { job: state.jobs.get('a'), pod: podOf(state, 'a'), nowMs, startWithinMs: 300_000 };
};
const jobWith = (type: string, reason: string) => ({
  kind: 'Job',
  metadata: { name: 'a' },
  status: { conditions: [{ type, status: 'True', reason }] },
});
const deletedPod = {
  kind: 'Pod',
  metadata: { name: 'a-1', labels: { 'job-name': 'a' }, deletionTimestamp: '2026-01-01T00:00:00Z' },
  spec: { nodeName: 'n' },
  status: { phase: 'Running', containerStatuses: [{ name: 'step', state: { running: {} } }] },
};

it.each(['Failed', 'FailureTarget'])(
  'gives up a pod on a dead node, which never ends, where the job has %s',
  (type) => {
    const first = judgeJob({}, look(0, jobWith(type, 'BackoffLimitExceeded'), deletedPod));
    expect(first.ending).toBeUndefined();
    const { ending } = judgeJob(first.seen, look(61_000, jobWith(type, 'BackoffLimitExceeded'), deletedPod));
    expect(ending).toEqual({ outcome: { kind: 'job-ended', reason: 'node-failed' }, isOpen: true });
  },
);

it('deletes a job before it counts as cancelled because no list shows it', () => {
  const first = judgeJob({}, look(0));
  expect(first.ending).toBeUndefined();
  expect(judgeJob(first.seen, look(4000)).ending).toEqual({ outcome: { kind: 'cancelled' }, isOpen: true });
});
