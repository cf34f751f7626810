import type { Step } from '../../domain/pipeline/pipeline.js';
import type { FingerprintParts, PlannedStep, Reason, RememberedExecution } from '../../domain/pipeline/plan.js';
import { compareParts } from './compare-parts.js';
import { fingerprintOf } from './fingerprint.js';

/** What is known of a step before it is decided. */
export interface StepState {
  /** Absent: inputs are not declared, or hang on an upstream step that will run. */
  readonly parts?: FingerprintParts;
  /** Still remembered: no execution has started since. */
  readonly remembered?: RememberedExecution;
  /** The last success, remembered or not: to say what changed. */
  readonly last?: RememberedExecution;
  /** A stored result with this very fingerprint, all of whose outputs are in the store. */
  readonly stored?: RememberedExecution;
  /** Content hash of each output as it lies there now; absent: not there. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly isForced: boolean;
  /** Upstream steps that will run, so that the inputs cannot be known yet: prediction only. */
  readonly runningUpstream: readonly string[];
}

/** Skip, restore or run, and every reason. */
export function decideStep(step: Step, state: StepState): PlannedStep {
  const upstream = state.runningUpstream.map((name): Reason => ({ code: 'upstream-will-run', detail: name }));
  if (state.isForced) {
    const others = state.parts === undefined ? upstream : whyNotFresh(step, state, state.parts);
    return runs(step, state, [{ code: 'forced', detail: step.name }, ...others]);
  }
  if (step.inputs === undefined)
    return runs(step, state, [{ code: 'inputs-undeclared', detail: step.name }, ...upstream]);
  if (state.last === undefined && state.stored === undefined)
    return runs(step, state, [{ code: 'never-ran', detail: step.name }]);
  if (state.parts === undefined) return { name: step.name, action: 'undecided', reasons: upstream };
  return decideByContent(step, state, state.parts);
}

function decideByContent(step: Step, state: StepState, parts: FingerprintParts): PlannedStep {
  const fingerprint = fingerprintOf(parts);
  const { stored } = state;
  const faults = whyNotFresh(step, state, parts);
  if (faults.length === 0 && step.isCached) return { name: step.name, action: 'skip', reasons: [], fingerprint };
  const reasons: readonly Reason[] = faults.length > 0 ? faults : [{ code: 'forced', detail: `cache: false` }];
  if (stored !== undefined && step.isCached)
    return { name: step.name, action: 'restore', reasons, fingerprint, restoreFrom: stored.run };
  return { name: step.name, action: 'run', reasons, fingerprint };
}

/** What changed in what goes in, and what is no longer as it came out. */
function whyNotFresh(step: Step, state: StepState, parts: FingerprintParts): readonly Reason[] {
  const before = state.remembered ?? state.last;
  if (before === undefined) return state.isForced ? [] : [{ code: 'never-ran', detail: step.name }];
  const changed = before.fingerprint === fingerprintOf(parts) ? [] : compareParts(before.parts, parts);
  const outputs = changedOutputs(before, state);
  if (state.remembered !== undefined || changed.length + outputs.length > 0) return [...changed, ...outputs];
  // the same parts and outputs, but an execution has started since and did not end well
  return [{ code: 'output-missing', detail: 'the last execution did not finish' }];
}

function changedOutputs(fresh: RememberedExecution, state: StepState): readonly Reason[] {
  return fresh.outputs.flatMap((output): readonly Reason[] => {
    const now = state.outputs[output.path];
    if (now === undefined) return [{ code: 'output-missing', detail: output.path }];
    if (now === output.hash) return [];
    return [{ code: 'output-changed', detail: output.path, before: output.hash.slice(0, 12), after: now.slice(0, 12) }];
  });
}

function runs(step: Step, state: StepState, reasons: readonly Reason[]): PlannedStep {
  const fingerprint = state.parts === undefined ? undefined : fingerprintOf(state.parts);
  return { name: step.name, action: 'run', reasons, fingerprint };
}
