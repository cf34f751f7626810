import type { Step } from '../../domain/pipeline/pipeline.js';
import type { FingerprintParts, PlannedStep, Reason, RememberedExecution } from '../../domain/pipeline/plan.js';
import { compareParts } from './compare-parts.js';
import { fingerprintOf } from './fingerprint.js';

/** What is known about a step before it is decided. */
export interface StepState {
  /** Absent if inputs are not declared, or depend on an upstream step that will run. */
  readonly parts?: FingerprintParts;
  /** The recorded fingerprint; absent once a newer execution has started. */
  readonly remembered?: RememberedExecution;
  /** The last success, even if its fingerprint was deleted: used to say what changed. */
  readonly last?: RememberedExecution;
  /** A stored result with this fingerprint whose outputs are all in the store. */
  readonly stored?: RememberedExecution;
  /** Content hash of each output in the workspace now; absent if it does not exist. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly isForced: boolean;
  /** Upstream steps that will run, so the inputs are not known yet (prediction only). */
  readonly runningUpstream: readonly string[];
}

/** Decides to skip, restore or run, with every reason. */
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

/** What changed in the inputs, and which outputs differ from what the step made. */
function whyNotFresh(step: Step, state: StepState, parts: FingerprintParts): readonly Reason[] {
  const before = state.remembered ?? state.last;
  if (before === undefined) return state.isForced ? [] : [{ code: 'never-ran', detail: step.name }];
  const changed = before.fingerprint === fingerprintOf(parts) ? [] : compareParts(before.parts, parts);
  const outputs = changedOutputs(before, state);
  if (state.remembered !== undefined || changed.length + outputs.length > 0) return [...changed, ...outputs];
  // Parts and outputs are the same, but a later execution started and did not succeed.
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
