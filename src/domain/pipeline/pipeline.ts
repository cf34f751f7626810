import type { Exclusion } from '../data/dataset.js';
import type { ModelName, PipelineName, StepName, WorkspacePath } from '../ids.js';
import type { DataChecks } from './data-checks.js';
import type { SourcePosition } from './diagnostic.js';
import type { MethodChoice } from './drift-method.js';
import type { ExecutorName } from './executor.js';
import type { Expectations } from './expectations.js';
import type { RemoteSource } from './remote-source.js';

/** A parsed pipeline file: profile and `--param` applied, matrices expanded, durations in ms, names resolved. */
export interface Pipeline {
  readonly name: PipelineName;
  /** The source file and its exact text. */
  readonly file: WorkspacePath;
  readonly text: string;
  readonly description?: string;
  readonly owner?: string;
  readonly reviewEveryMs?: number;
  /** The profile that was applied. */
  readonly profile?: string;
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly datasets: readonly Dataset[];
  /** In the order of the file. `dependsOn` gives the graph, which has no cycle. */
  readonly steps: readonly Step[];
  readonly model?: ModelSpec;
  readonly monitor?: MonitorSpec;
  readonly retrain?: RetrainSpec;
  /** `${{ now }}` is rounded down to a multiple of this. One hour by default. */
  readonly nowRoundingMs: number;
  /** `store: inputs` copies inputs into the store too. */
  readonly storesInputs: boolean;
  /** Where its steps and other commands find their programs. */
  readonly environment?: EnvironmentRef;
}

/** `python: .venv` or `conda: churn`, as the file says it. */
export interface EnvironmentRef {
  readonly kind: 'python' | 'conda';
  readonly name: string;
  readonly at: SourcePosition;
}

export type ParamValue = string | number | boolean | null | readonly ParamValue[];

// ---------------------------------------------------------------- values

/** Text with `${{ … }}`, parsed once. */
export type Template = readonly TemplatePart[];
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly ref: ValueRef };

/** What a `${{ … }}` can name. Params and matrix values stay references, so that their use is known. */
export type ValueRef =
  | { readonly kind: 'param'; readonly name: string }
  | { readonly kind: 'input'; readonly index: number }
  | { readonly kind: 'output'; readonly key: string | number }
  | { readonly kind: 'dataset'; readonly name: string }
  | { readonly kind: 'matrix'; readonly name: string }
  | { readonly kind: 'now' }
  | { readonly kind: 'trigger-since' }
  | { readonly kind: 'run-id' }
  /** The bytes of the champion, or of a version of the pipeline's own model. */
  | { readonly kind: 'champion-path' }
  | { readonly kind: 'version-path'; readonly version: number }
  /** The rows of a dataset that the champion's training did not have; of the only dataset, if none is named. */
  | { readonly kind: 'window-new'; readonly name?: string }
  | { readonly kind: 'model-path' }
  | { readonly kind: 'evaluation-path' }
  | { readonly kind: 'publish-path' }
  /** In the query or command of a remote source. */
  | { readonly kind: 'window-from' | 'window-until' | 'snapshot-path' };

/** A string runs as one `sh -eu` script. A list runs without a shell. */
export type Command =
  | { readonly kind: 'shell'; readonly script: Template }
  | { readonly kind: 'argv'; readonly words: readonly Template[] };

// ---------------------------------------------------------------- datasets

export interface Dataset {
  readonly name: string;
  readonly source: DatasetSource;
  /** Where its rows are read from. Its `source` then names the snapshots that refit has taken of it. */
  readonly remote?: RemoteSource;
  /** Whether steps of this pipeline write files of it. */
  readonly isMade: boolean;
  /** Event-time column. Rows at or after `now` count as not existing. */
  readonly time?: string;
  /** The rows that steps are handed. If absent, all that exist. */
  readonly window?: WindowSpec;
  readonly checks: DatasetChecks;
  /** Rows that a person excluded: those of an event, or called a bug. Not in the file; added when it is loaded. */
  readonly excluded?: readonly Exclusion[];
  readonly at: SourcePosition;
}

/** `auto`: since the last change of the world that a verdict has dated. */
export type WindowSpec =
  | { readonly kind: 'fixed'; readonly lengthMs: number }
  | { readonly kind: 'auto'; readonly minMs: number; readonly maxMs?: number };

export type DatasetSource =
  /** Globs, files or folders, relative to the workspace. */
  | { readonly kind: 'paths'; readonly patterns: readonly string[] }
  /** SQL with its params filled in. The datasets that it names stand, as declared, where their tables belong. */
  | { readonly kind: 'query'; readonly sql: readonly (string | Dataset)[] };

interface DatasetChecks extends DataChecks {
  /** A hand-written schema file. Without one the schema is inferred from the champion's data. */
  readonly schema?: WorkspacePath;
  /** The file's text, once it has been read and merged with the pipeline's checks. */
  readonly schemaText?: string;
}

// ---------------------------------------------------------------- steps

export type Role = 'extract' | 'validate' | 'prepare' | 'train' | 'evaluate';

export interface Step {
  readonly name: StepName;
  /** The name in the file. Differs from `name` for matrix instances. */
  readonly declaredName: string;
  readonly matrix: Readonly<Record<string, ParamValue>>;
  readonly role?: Role;
  readonly command: Command;
  /** `undefined`: not declared, so the step is never cached. `[]`: no inputs. */
  readonly inputs?: readonly InputRef[];
  readonly outputs: readonly OutputRef[];
  /** Files of metrics that it writes. */
  readonly metricsPaths: readonly WorkspacePath[];
  /** All params that the step declares or uses, sorted. Only these are in REFIT_PARAMS and in the fingerprint. */
  readonly params: readonly string[];
  readonly env: Readonly<Record<string, EnvValue>>;
  readonly secrets: readonly { readonly name: string; readonly isFingerprinted: boolean }[];
  /** Steps that must succeed before this one starts, by data or by `after`. */
  readonly dependsOn: readonly StepName[];
  readonly expect?: Expectations;
  readonly timeoutMs?: number;
  readonly retries: Retries;
  /** `cpus`, `memory` in bytes, `gpus`, and resources with other names. */
  readonly resources: Readonly<Record<string, number>>;
  readonly executor: ExecutorName;
  readonly image?: string;
  /** Folder of the step's own progress. It survives failed attempts and is never an output. */
  readonly checkpoint?: WorkspacePath;
  readonly isCached: boolean;
  /** Its own or that of the pipeline. Its packages are part of the fingerprint. */
  readonly environment?: EnvironmentRef;
  readonly at: SourcePosition;
}

export type InputRef =
  /** A file, or a folder with everything below it. With `keys`, only these values of a YAML or JSON file count, by dotted name. */
  | { readonly kind: 'path'; readonly path: WorkspacePath; readonly keys?: readonly string[] }
  | { readonly kind: 'glob'; readonly pattern: string }
  | { readonly kind: 'dataset'; readonly name: string };

export interface OutputRef {
  /** The key, if `outputs` is a map. */
  readonly name?: string;
  readonly path: WorkspacePath;
}

export type EnvValue =
  | { readonly kind: 'literal'; readonly value: string }
  | { readonly kind: 'from'; readonly name: string };

export interface Retries {
  readonly count: number;
  readonly delayMs: number;
  readonly backoff: 'constant' | 'exponential';
  /** Which failures are tried again: all, or only those that came from outside the step. */
  readonly on: 'failure' | 'preempted';
}

// ---------------------------------------------------------------- model

export interface ModelSpec {
  readonly name: ModelName;
  readonly path: WorkspacePath;
  readonly evaluate?: EvaluateSpec;
  readonly gate: readonly GateRule[];
  /** Without a champion: absolute checks decide (`gate`), or the first version is accepted. */
  readonly first: 'gate' | 'accept';
  readonly approval: 'automatic' | 'manual';
  /** How long an approval is valid. */
  readonly approvalMs: number;
  readonly publish?: PublishSpec;
  readonly at: SourcePosition;
}

export interface EvaluateSpec {
  readonly command: Command;
  readonly inputs: readonly InputRef[];
  readonly params: readonly string[];
  readonly timeoutMs?: number;
  readonly at: SourcePosition;
}

export type GateRule =
  | {
      readonly kind: 'metric';
      readonly metric: string;
      readonly direction: 'higher' | 'lower';
      /** Compared with each of these separately. If empty, only limits count. */
      readonly against: readonly Comparator[];
      /** Name of the slices that are judged one by one, such as `origin`. */
      readonly slices?: string;
      readonly min?: number;
      readonly max?: number;
      readonly maxRegression?: number;
      readonly minImprovement?: number;
      readonly maxImprovement?: number;
      /** Largest allowed distance between the best and the worst slice. */
      readonly maxSpread?: number;
      /** One-sided confidence level, 0.5…1. If absent, point estimates are compared. */
      readonly confidence?: number;
      /** Whether margins are shares of |champion|. */
      readonly isRelative: boolean;
      /** Slices with fewer rows are not judged. */
      readonly minCount?: number;
      readonly at: SourcePosition;
    }
  | {
      readonly kind: 'smoke';
      readonly command: Command;
      readonly timeoutMs: number;
      /** For the command and everything it starts, together. */
      readonly memoryBytes?: number;
      readonly at: SourcePosition;
    }
  | {
      readonly kind: 'latency';
      readonly command: Command;
      readonly timeoutMs: number;
      readonly maxMs: number;
      /** Quantile of the measured times, 0…1. */
      readonly quantile: number;
      /** Number of measured runs, after one warm-up run. */
      readonly runs: number;
      readonly at: SourcePosition;
    }
  | {
      readonly kind: 'successes';
      /** This many of the latest other runs must all have succeeded. */
      readonly count: number;
      /** Count only runs under this profile. */
      readonly profile?: string;
      readonly at: SourcePosition;
    };

/**
 * The version to compare a candidate with: `champion`, `previous` (served before it), `scratch` (trained from
 * zero on the same data), or a version such as `model@3`.
 */
export type Comparator = string;

export interface PublishSpec {
  /** Folder with `versions/<n>-<hash>/` and the symlink `current`. */
  readonly path: WorkspacePath;
  readonly keep: number;
  readonly deploy?: HookSpec;
  readonly verify?: HookSpec;
  readonly onFailure: 'roll-back' | 'keep';
}

export interface HookSpec {
  readonly command: Command;
  readonly timeoutMs: number;
  readonly retries: Retries;
}

// ---------------------------------------------------------------- monitor and retrain

export interface MonitorSpec {
  /** Path of an artifact of this pipeline. The champion's copy of it is the reference, unless another is chosen. */
  readonly reference?: WorkspacePath;
  /** What the current window is compared with, if not with the champion's reference. */
  readonly compareWith?: ReferenceChoice;
  readonly current?: { readonly dataset: string; readonly windowMs?: number; readonly prepare?: StepName };
  readonly predictions?: {
    /** Files, or the name of a dataset: one of them. */
    readonly path?: string;
    readonly dataset?: string;
    readonly time: string;
    readonly key?: string;
    readonly prediction: string;
  };
  readonly labels?: {
    readonly path?: string;
    readonly dataset?: string;
    readonly query?: Template;
    readonly key?: string;
    readonly label: string;
    readonly delayMs: number;
  };
  readonly ignore: readonly string[];
  readonly segments: readonly string[];
  /** The pipeline's own metrics, which check-performance measures with commands. */
  readonly metrics: readonly MetricCommand[];
  /** Distances for the table or for single columns. */
  readonly methods: MethodChoice;
  /** Rows of prepared windows that a person called a bug. Not in the file; added when it is loaded. */
  readonly excluded?: readonly Exclusion[];
  readonly at: SourcePosition;
}

export type ReferenceChoice =
  /** Rows of the monitored dataset from the same weeks a year before. */
  | { readonly kind: 'season' }
  /** Rows of the windows right before the current one. */
  | { readonly kind: 'last'; readonly windows: number }
  /** The reference of a version, such as `model@3`. */
  | { readonly kind: 'version'; readonly version: string };

export interface MetricCommand {
  readonly name: string;
  readonly command: Command;
  /** If one of them changes, every window is measured again. */
  readonly inputs: readonly InputRef[];
  readonly direction: 'higher' | 'lower';
  readonly timeoutMs?: number;
  readonly at: SourcePosition;
}

export interface RetrainSpec {
  readonly when: Condition;
  readonly onDataBug: 'hold' | 'ignore';
  /** What to do with unclear columns. If absent: hold once, and train if the next window shows the same. */
  readonly onUnclear?: 'hold' | 'train' | 'ignore';
  /** Where steps start from the champion: train from zero this long after the last time, or where the data drifts. */
  readonly fullEveryMs?: number;
  readonly fullWhen?: 'drift';
  readonly cooldownMs?: number;
  readonly limit?: { readonly runs: number; readonly perMs: number };
  readonly pauseAfterFailures?: number;
  /** So many refused candidates in a row pause the pipeline. */
  readonly pauseAfterRefusals?: number;
  /** How often the command is meant to be called. */
  readonly tickMs?: number;
  readonly mode: 'automatic' | 'suggest';
  readonly at: SourcePosition;
}

/** The declared tree. retrain/judge evaluates it with measured values. */
export type Condition =
  | { readonly kind: 'any' | 'all'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | (TriggerPolicy & Trigger);

export interface TriggerPolicy {
  readonly persist?: Persistence;
  /** `edge`: once each time it becomes true, until a training for it does not fail. `level`: as long as it is true. */
  readonly fires?: 'edge' | 'level';
  /** An edge that still holds this long after its training fires again. */
  readonly againMs?: number;
  readonly at: SourcePosition;
}

export type Trigger =
  | { readonly kind: 'schedule'; readonly cron: string; readonly timezone: string }
  | {
      readonly kind: 'new_data';
      /** Absent if only labels are counted. */
      readonly dataset?: string;
      readonly labels?: number;
      readonly rows?: number;
      readonly files?: number;
      readonly bytes?: number;
    }
  /** `consequence`: where predictions are monitored it only suggests, unless predictions or the loss have moved too. */
  | { readonly kind: 'data_drift'; readonly share: number; readonly on?: 'consequence' | 'any' }
  | { readonly kind: 'target_drift' | 'prediction_drift'; readonly score?: number }
  | { readonly kind: 'performance'; readonly metric: string; readonly drop: number; readonly windowMs?: number }
  | { readonly kind: 'code_change' }
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'max_age'; readonly ageMs: number }
  /** Another model of the registry was promoted. */
  | { readonly kind: 'upstream'; readonly model: string }
  /** `refit trigger --event` reported it. */
  | { readonly kind: 'event'; readonly name: string };

/** `for: 2 of 3, every: 7d`: must hold in `count` of the last `of` distinct windows, at least `everyMs` apart. */
export interface Persistence {
  readonly count: number;
  readonly of: number;
  readonly everyMs: number;
}
