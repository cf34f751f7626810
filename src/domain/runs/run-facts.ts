import type { Finding } from '../data/finding.js';
import type { TableProfile } from '../data/profile.js';
import type { DecisionOutcome, RetrainDecision } from '../decisions/decision.js';
import type { Fingerprint } from '../ids.js';
import type { Evaluation, GateVerdict, ModelVersion } from '../models/model.js';
import type { Instant } from '../support/time.js';
import type { ArtifactUse } from './artifact.js';
import type { MetricPoint, Run, StepExecution } from './run.js';

/** An artifact as it was read or written, with the profile of its bytes where they are a table that was profiled. */
export interface ProfiledUse extends ArtifactUse {
  readonly profile?: TableProfile;
}

export interface StepFacts {
  readonly execution: StepExecution;
  /** As the pipeline says it: values stay names. */
  readonly command?: string;
  readonly params: Readonly<Record<string, string>>;
  /** What the pipeline file itself says; not what it takes from the environment, which may be a secret. */
  readonly env: Readonly<Record<string, string>>;
  readonly fingerprint?: Fingerprint;
  readonly reads: readonly ProfiledUse[];
  readonly writes: readonly ProfiledUse[];
  readonly metrics: readonly MetricPoint[];
}

/** A version that a run made, with what the gate first said of it. */
export interface MadeVersion {
  readonly version: ModelVersion;
  readonly evaluation?: Evaluation;
  readonly gate?: GateVerdict;
}

/** All that the registry holds of a run that has ended. */
export interface RunFacts {
  readonly run: Run & { readonly finishedAt: Instant };
  readonly definition?: string;
  readonly description?: string;
  readonly owner?: string;
  readonly steps: readonly StepFacts[];
  readonly made: readonly MadeVersion[];
  /** Of the run, and of the look at the data that its decision was taken by. */
  readonly findings: readonly Finding[];
  readonly decision?: RetrainDecision;
  readonly outcome?: DecisionOutcome;
}
