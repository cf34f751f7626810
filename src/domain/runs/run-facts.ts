import type { Finding } from '../data/finding.js';
import type { TableProfile } from '../data/profile.js';
import type { DecisionOutcome, RetrainDecision } from '../decisions/decision.js';
import type { Fingerprint } from '../ids.js';
import type { Evaluation, GateVerdict, ModelVersion } from '../models/model.js';
import type { Instant } from '../support/time.js';
import type { ArtifactUse } from './artifact.js';
import type { MetricPoint, Run, StepExecution } from './run.js';

/** An artifact read or written, with its profile if it is a profiled table. */
export interface ProfiledUse extends ArtifactUse {
  readonly profile?: TableProfile;
}

export interface StepFacts {
  readonly execution: StepExecution;
  /** As in the pipeline file, with values as names. */
  readonly command?: string;
  readonly params: Readonly<Record<string, string>>;
  /** Only what the pipeline file sets. Values from the environment may be secrets. */
  readonly env: Readonly<Record<string, string>>;
  readonly fingerprint?: Fingerprint;
  readonly reads: readonly ProfiledUse[];
  readonly writes: readonly ProfiledUse[];
  readonly metrics: readonly MetricPoint[];
}

/** A version that a run made, with the gate's first verdict. */
export interface MadeVersion {
  readonly version: ModelVersion;
  readonly evaluation?: Evaluation;
  readonly gate?: GateVerdict;
}

/** Everything the registry holds about a finished run. */
export interface RunFacts {
  readonly run: Run & { readonly finishedAt: Instant };
  readonly definition?: string;
  readonly description?: string;
  readonly owner?: string;
  readonly steps: readonly StepFacts[];
  readonly made: readonly MadeVersion[];
  /** From the run, and from the data check of its decision. */
  readonly findings: readonly Finding[];
  readonly decision?: RetrainDecision;
  readonly outcome?: DecisionOutcome;
}
