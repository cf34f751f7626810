import type { RunId, StepName } from '../ids.js';

/** Another run that is in the way. */
export interface StepHolder {
  readonly run: RunId;
  /** False: its process has died, and what it left must be repaired first. */
  readonly isAlive: boolean;
}

/**
 * What one run claims of the steps of its pipeline, beside other runs: to `make` a step's outputs, which one run does at a time,
 * or to `use` them, which several do, and nobody replaces them meanwhile.
 */
export interface StepLocks {
  /** Claims the use of every step that no other run is making. Returns those. */
  readonly useFree: (steps: readonly StepName[]) => ReadonlySet<StepName>;
  /** Claims its use. Otherwise returns the run that is making it. */
  readonly use: (step: StepName) => StepHolder | undefined;
  /** Claims to make it. Otherwise returns the run that is making it. Outputs that others use may be looked at, not replaced. */
  readonly make: (step: StepName) => StepHolder | undefined;
  /** Another run that uses its outputs. To be asked of a step that this run has claimed to make, or waits for. */
  readonly user: (step: StepName) => StepHolder | undefined;
  /** Whether no other run of the pipeline was there when this one began, and none had begun by its last claim. */
  readonly isAlone: () => boolean;
  /** Says to others, until `stop` is called, that this run goes on only when no other run uses the step's outputs. */
  readonly waitForUsers: (step: StepName) => { readonly stop: () => void };
  /** Whether no run of the pipeline that is alive began before this one. */
  readonly isOldest: () => boolean;
  /** Whether runs wait for each other's ends in a circle of which this run is the youngest. */
  readonly mustGiveWay: () => boolean;
  /** From making it to using it. */
  readonly keep: (step: StepName) => void;
  readonly drop: (steps: readonly StepName[]) => void;
  /** Drops what a dead run claimed, once it is repaired. */
  readonly forget: (run: RunId) => void;
  /** Drops everything. */
  readonly close: () => void;
}
