import { describe, expect, it } from 'vitest';
import type { Step } from '../../../src/domain/pipeline/pipeline.js';
import type { RememberedExecution } from '../../../src/domain/pipeline/plan.js';
import { decideStep, type StepState } from '../../../src/execute/plan/decide-step.js';
import { fingerprintOf } from '../../../src/execute/plan/fingerprint.js';

const STEP = { name: 'a', inputs: [], isCached: true } as unknown as Step;
const PARTS = { command: 'x', 'input:in.txt': 'i'.repeat(64) };
const OTHER = { ...PARTS, command: 'y' };
const HASH = 'h'.repeat(64);

const execution = (parts: Readonly<Record<string, string>>, run = 'r-1'): RememberedExecution =>
  ({
    run,
    execution: 1,
    fingerprint: fingerprintOf(parts),
    parts,
    outputs: [{ path: 'out.txt', hash: HASH }],
  }) as never;

const FRESH: StepState = {
  parts: PARTS,
  remembered: execution(PARTS),
  last: execution(PARTS),
  outputs: { 'out.txt': HASH },
  isForced: false,
  runningUpstream: [],
};
const decided = (state: Partial<StepState>, step: Partial<Step> = {}) =>
  decideStep({ ...STEP, ...step }, { ...FRESH, ...state });
const command = { code: 'command-changed', detail: 'command', before: 'x', after: 'y' };

describe('a step with a result that fits', () => {
  it('is skipped, with its fingerprint', () => {
    expect(decided({})).toEqual({ name: 'a', action: 'skip', reasons: [], fingerprint: fingerprintOf(PARTS) });
  });

  it('runs where it is not cached', () => {
    expect(decided({ stored: execution(PARTS) }, { isCached: false })).toEqual({
      name: 'a',
      action: 'run',
      reasons: [{ code: 'forced', detail: 'cache: false' }],
      fingerprint: fingerprintOf(PARTS),
    });
  });

  it('runs where it is forced, and says what else has changed', () => {
    expect(decided({ isForced: true })).toMatchObject({ action: 'run', reasons: [{ code: 'forced', detail: 'a' }] });
    expect(decided({ isForced: true, parts: OTHER }).reasons).toEqual([{ code: 'forced', detail: 'a' }, command]);
    expect(decided({ isForced: true, remembered: undefined, last: undefined }).reasons).toEqual([
      { code: 'forced', detail: 'a' },
    ]);
  });
});

describe('a step that changed', () => {
  it('runs, and says what changed', () => {
    expect(decided({ parts: OTHER })).toEqual({
      name: 'a',
      action: 'run',
      reasons: [command],
      fingerprint: fingerprintOf(OTHER),
    });
  });

  it('is restored where a stored result fits, with the same reasons, unless it is not cached', () => {
    const stored = execution(OTHER, 'r-0');
    expect(decided({ parts: OTHER, stored })).toEqual({
      name: 'a',
      action: 'restore',
      reasons: [command],
      fingerprint: fingerprintOf(OTHER),
      restoreFrom: 'r-0',
    });
    expect(decided({ parts: OTHER, stored }, { isCached: false }).action).toBe('run');
    expect(decided({ parts: OTHER, stored, isForced: true }).action).toBe('run');
  });

  it('runs where an output is missing or is another one, also of several faults at once', () => {
    expect(decided({ outputs: {} }).reasons).toEqual([{ code: 'output-missing', detail: 'out.txt' }]);
    const edited = decided({ outputs: { 'out.txt': 'e'.repeat(64) }, parts: OTHER });
    expect(edited).toMatchObject({ action: 'run' });
    expect(edited.reasons).toEqual([
      command,
      { code: 'output-changed', detail: 'out.txt', before: 'h'.repeat(12), after: 'e'.repeat(12) },
    ]);
  });
});

describe('a step without a remembered result', () => {
  it('never ran: it runs, unless a result of the same fingerprint is stored', () => {
    const state = { remembered: undefined, last: undefined };
    expect(decided(state)).toMatchObject({ action: 'run', reasons: [{ code: 'never-ran', detail: 'a' }] });
    expect(decided({ ...state, stored: execution(PARTS) })).toMatchObject({
      action: 'restore',
      reasons: [{ code: 'never-ran', detail: 'a' }],
      restoreFrom: 'r-1',
    });
  });

  it('did not finish last time: it runs though nothing else has changed, and says only what has, where something has', () => {
    expect(decided({ remembered: undefined })).toMatchObject({
      action: 'run',
      reasons: [{ code: 'output-missing', detail: 'the last execution did not finish' }],
    });
    expect(decided({ remembered: undefined, parts: OTHER }).reasons).toEqual([command]);
  });
});

describe('a step whose inputs cannot be known', () => {
  const upstream = [{ code: 'upstream-will-run', detail: 'b' }];

  it('always runs where it declares none', () => {
    expect(decided({ runningUpstream: ['b'] }, { inputs: undefined })).toMatchObject({
      action: 'run',
      reasons: [{ code: 'inputs-undeclared', detail: 'a' }, ...upstream],
    });
  });

  it('is undecided while a step before it will run, and runs where it never ran or is forced', () => {
    const waiting = { parts: undefined, runningUpstream: ['b'] };
    expect(decided(waiting)).toEqual({ name: 'a', action: 'undecided', reasons: upstream });
    expect(decided({ ...waiting, remembered: undefined, last: undefined })).toEqual({
      name: 'a',
      action: 'run',
      reasons: [{ code: 'never-ran', detail: 'a' }],
      fingerprint: undefined,
    });
    expect(decided({ ...waiting, isForced: true })).toMatchObject({
      action: 'run',
      reasons: [{ code: 'forced', detail: 'a' }, ...upstream],
    });
  });
});
