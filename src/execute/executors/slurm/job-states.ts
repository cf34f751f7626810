import { constants } from 'node:os';
import type { ProcessOutcome } from '../../../domain/runs/run.js';

/** A job, or a task of an array, as the controller or the database shows it. */
export interface QueuedJob {
  readonly id: string;
  readonly state: string;
  /** How often it was put back into the queue. */
  readonly restarts: number;
  /** Empty while it waits. */
  readonly node: string;
  readonly exitCode: string;
  readonly isPreempted: boolean;
  readonly comment: string;
}

const FIELDS = ['JobArrayID', 'State', 'RestartCnt', 'NodeList', 'exit_code', 'PreemptTime', 'Comment'] as const;
const WIDTH = 120;

/** Columns of a fixed width, each with a bar at its end: values may hold spaces. */
export const QUEUE_FORMAT = FIELDS.map((field) => `${field}:${WIDTH}|`).join(',');

/** Jobs in the output of squeue in `QUEUE_FORMAT`. Other lines, such as warnings, are left out. */
export const parseQueue = (text: string): readonly QueuedJob[] =>
  text.split('\n').flatMap((line) => {
    const [id, state, restarts, node, exitCode, preempted, comment] = line.split('|').map((cell) => cell.trim());
    if (id === undefined || state === undefined || !/^\d+/.test(id)) return [];
    return [
      {
        id,
        state,
        restarts: Number(restarts),
        node: meant(node),
        exitCode: exitCode ?? '',
        isPreempted: /^\d{4}-/.test(preempted ?? ''),
        comment: comment ?? '',
      },
    ];
  });

/** The last try of a job in the output of sacct; `undefined` if it is not there. */
export const parseAccounting = (text: string, id: string): QueuedJob | undefined => {
  const cells = text
    .split('\n')
    .map((line) => line.split('|'))
    .findLast(([found]) => found === id);
  if (cells === undefined) return undefined;
  const [, state = '', exitCode = '', node] = cells;
  // "CANCELLED by 1000"
  return {
    id,
    state: state.split(' ')[0] ?? '',
    restarts: 0,
    node: meant(node),
    exitCode,
    isPreempted: false,
    comment: '',
  };
};

const meant = (cell: string | undefined): string =>
  cell === undefined || /^(\(null\)|n\/a|None assigned)?$/i.test(cell) ? '' : cell;

const ENDED = [
  'BOOT_FAIL',
  'CANCELLED',
  'COMPLETED',
  'DEADLINE',
  'FAILED',
  'NODE_FAIL',
  'OUT_OF_MEMORY',
  'PREEMPTED',
  'TIMEOUT',
];

/** Whether a try of a job in this state is over. */
export const hasEnded = ({ state }: Pick<QueuedJob, 'state'>): boolean => ENDED.includes(state);

/** How a job has ended in whose command nothing says it: the job was ended by Slurm, or its program could not be started. */
export function outcomeOfState({ state, exitCode }: Pick<QueuedJob, 'state' | 'exitCode'>): ProcessOutcome | undefined {
  switch (state) {
    case 'CANCELLED':
      return { kind: 'cancelled' };
    case 'TIMEOUT':
    case 'DEADLINE':
      return { kind: 'timed-out' };
    case 'PREEMPTED':
      return { kind: 'job-ended', reason: 'preempted' };
    case 'NODE_FAIL':
    case 'BOOT_FAIL':
      return { kind: 'job-ended', reason: 'node-failed' };
    case 'OUT_OF_MEMORY':
      return { kind: 'job-ended', reason: 'out-of-memory' };
    case 'FAILED': {
      const signal = signalOf(exitCode);
      return signal === undefined ? undefined : { kind: 'signalled', signal };
    }
    default:
      return undefined;
  }
}

/** `76:0` is what sacct says; squeue says the status as a program that waits for the job gets it, such as `19456`. */
function partsOf(exitCode: string): { readonly code: number; readonly signal: number } {
  const [first, second] = exitCode.split(':').map(Number);
  const number = first ?? Number.NaN;
  return second === undefined ? { code: number >> 8, signal: number & 0x7f } : { code: number, signal: second };
}

/** The code with which the program of a job has exited. */
export const exitCodeOf = ({ exitCode }: Pick<QueuedJob, 'exitCode'>): number => partsOf(exitCode).code;

function signalOf(exitCode: string): string | undefined {
  const number = partsOf(exitCode).signal;
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
}
