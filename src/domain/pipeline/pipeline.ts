import type { Exclusion } from '../data/dataset.js';
import type { ModelName, PipelineName, StepName, WorkspacePath } from '../ids.js';
import type { SourcePosition } from './diagnostic.js';
import type { MethodChoice } from './drift-method.js';

/** A pipeline file after parsing: profile and `--param` applied, matrices expanded, durations in ms, names resolved. */
export interface Pipeline {
  readonly name: PipelineName;
  /** The file it came from, and its exact text. */
  readonly file: WorkspacePath;
  readonly text: string;
  readonly description?: string;
  readonly owner?: string;
  readonly reviewEveryMs?: number;
  /** The profile overlaid, if any. */
  readonly profile?: string;
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly datasets: readonly Dataset[];
  /** In the order of the file; `dependsOn` gives the graph, which has no cycle. */
  readonly steps: readonly Step[];
  readonly model?: ModelSpec;
  readonly monitor?: MonitorSpec;
  readonly retrain?: RetrainSpec;
  /** `${{ now }}` is rounded down to this; the hour unless the pipeline says otherwise. */
  readonly nowRoundingMs: number;
  /** `store: inputs` copies inputs into the store too. */
  readonly storesInputs: boolean;
}

export type ParamValue = string | number | boolean | null | readonly ParamValue[];

// ---------------------------------------------------------------- values

/** Text with `${{ … }}` in it, parsed once. */
export type Template = readonly TemplatePart[];
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly ref: ValueRef };

/** What a `${{ … }}` may name. Params and matrix values are kept as references, so that their use is known. */
export type ValueRef =
  | { readonly kind: 'param'; readonly name: string }
  | { readonly kind: 'input'; readonly index: number }
  | { readonly kind: 'output'; readonly key: string | number }
  | { readonly kind: 'dataset'; readonly name: string }
  | { readonly kind: 'matrix'; readonly name: string }
  | { readonly kind: 'now' }
  | { readonly kind: 'trigger-since' }
  | { readonly kind: 'run-id' }
  | { readonly kind: 'model-path' }
  | { readonly kind: 'evaluation-path' }
  | { readonly kind: 'publish-path' };

/** A string is one `sh -eu`; a list is run without a shell. */
export type Command =
  | { readonly kind: 'shell'; readonly script: Template }
  | { readonly kind: 'argv'; readonly words: readonly Template[] };

// ---------------------------------------------------------------- datasets

export interface Dataset {
  readonly name: string;
  readonly source: DatasetSource;
  /** Steps of this pipeline write files of it. */
  readonly isMade: boolean;
  /** Event-time column: rows at or after `now` do not exist. */
  readonly time?: string;
  readonly checks: DatasetChecks;
  /** Rows that a human has kept out: of an event, or called a bug. Not in the file; joined when it is loaded. */
  readonly excluded?: readonly Exclusion[];
  readonly at: SourcePosition;
}

export type DatasetSource =
  /** Globs, files or folders, workspace-relative. */
  | { readonly kind: 'paths'; readonly patterns: readonly string[] }
  /** SQL with its params in place; the datasets it names stand where their tables belong, themselves as declared. */
  | { readonly kind: 'query'; readonly sql: readonly (string | Dataset)[] };

/** What data is held to, by a schema file or in the pipeline. */
export interface DataChecks {
  readonly freshnessMs?: number;
  readonly rows?: { readonly min?: number; readonly max?: number };
  readonly columns: Readonly<Record<string, ColumnChecks>>;
  /** Groups of columns whose values together occur once. */
  readonly unique: readonly (readonly string[])[];
  /** SQL, true for good rows. */
  readonly rules: readonly string[];
  /** Columns beyond the declared ones. */
  readonly otherColumns: 'allow' | 'warn' | 'fail';
  readonly rowOutliers?: RowOutlierPolicy;
}

interface DatasetChecks extends DataChecks {
  /** A schema file written by hand; without one the schema is inferred from the champion's data. */
  readonly schema?: WorkspacePath;
  /** Its text, once it has been read and laid below the checks of the pipeline. */
  readonly schemaText?: string;
}

export interface ColumnChecks {
  readonly type?: 'number' | 'integer' | 'text' | 'boolean' | 'timestamp';
  readonly min?: number;
  readonly max?: number;
  readonly values?: readonly (string | number | boolean)[];
  readonly required?: boolean;
  /** Largest share of missing values, 0…1. */
  readonly maxMissing?: number;
  readonly unique?: boolean;
  /** The column may be absent. */
  readonly optional?: boolean;
  readonly outliers?: OutlierPolicy;
}

export interface OutlierPolicy {
  readonly method: 'mad' | 'iqr' | 'quantile';
  /** A robust z (3.5), a multiple of the spread (3), or a share at either end (0.001). */
  readonly limit?: number;
  readonly action: 'flag' | 'quarantine' | 'cap' | 'fail';
  /** Largest share of the rows, 0…1, that may be set aside or capped; more are no outliers. */
  readonly maxShare?: number;
}

/** Whole rows, by an isolation forest. */
export interface RowOutlierPolicy {
  /** Number columns; none: all that are declared or, without declarations, there. */
  readonly columns: readonly string[];
  /** Scores above it, 0…1. */
  readonly threshold?: number;
  readonly action: 'flag' | 'quarantine' | 'fail';
}

// ---------------------------------------------------------------- steps

export type Role = 'extract' | 'validate' | 'prepare' | 'train' | 'evaluate';

export interface Step {
  readonly name: StepName;
  /** The name in the file; differs from `name` for an instance of a matrix. */
  readonly declaredName: string;
  readonly matrix: Readonly<Record<string, ParamValue>>;
  readonly role?: Role;
  readonly command: Command;
  /** `undefined`: not declared, so never cached. `[]`: it has none. */
  readonly inputs?: readonly InputRef[];
  readonly outputs: readonly OutputRef[];
  readonly metricsPath?: WorkspacePath;
  /** Every param the step declares or uses, sorted: just these are in REFIT_PARAMS and in the fingerprint. */
  readonly params: readonly string[];
  readonly env: Readonly<Record<string, EnvValue>>;
  readonly secrets: readonly { readonly name: string; readonly isFingerprinted: boolean }[];
  /** Steps that must have ended well before this one starts: by data and by `after`. */
  readonly dependsOn: readonly StepName[];
  readonly expect?: Expectations;
  readonly timeoutMs?: number;
  readonly retries: Retries;
  /** `cpus`, `memory` in bytes, `gpus`, and any other name. */
  readonly resources: Readonly<Record<string, number>>;
  readonly executor: 'local' | 'slurm' | 'kubernetes';
  readonly image?: string;
  readonly isCached: boolean;
  readonly at: SourcePosition;
}

/** What must hold after a step, else it has failed. */
export interface Expectations {
  /** The last value of each; a metric that is not there fails. */
  readonly metrics: Readonly<Record<string, { readonly min?: number; readonly max?: number }>>;
  readonly outputs: readonly ExpectedOutput[];
}

export interface ExpectedOutput {
  /** As the file names it: name or path. */
  readonly key: string;
  readonly path: WorkspacePath;
  /** `false`: it may be empty, said on purpose. */
  readonly isNotEmpty?: boolean;
  /** Of a file's bytes; of a folder, its content hash. */
  readonly sha256?: string;
}

export type InputRef =
  /** A file, or a folder with all below it. */
  | { readonly kind: 'path'; readonly path: WorkspacePath }
  | { readonly kind: 'glob'; readonly pattern: string }
  | { readonly kind: 'dataset'; readonly name: string };

export interface OutputRef {
  /** The key where `outputs` is a map. */
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
  /** How long an approval holds. */
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
      /** Each compared with by itself; empty: only limits count. */
      readonly against: readonly Comparator[];
      /** Name of the slices judged one by one, e.g. `origin`. */
      readonly slices?: string;
      readonly min?: number;
      readonly max?: number;
      readonly maxRegression?: number;
      readonly minImprovement?: number;
      readonly maxImprovement?: number;
      /** Largest distance between the best and the worst slice. */
      readonly maxSpread?: number;
      /** One-sided, 0.5…1; absent: point estimates are compared. */
      readonly confidence?: number;
      /** Margins are shares of |champion|. */
      readonly isRelative: boolean;
      /** Slices with fewer rows are not applicable. */
      readonly minCount?: number;
      readonly at: SourcePosition;
    }
  | {
      readonly kind: 'smoke';
      readonly command: Command;
      readonly timeoutMs: number;
      /** Of the command and all it starts, together. */
      readonly memoryBytes?: number;
      readonly at: SourcePosition;
    }
  | {
      readonly kind: 'latency';
      readonly command: Command;
      readonly timeoutMs: number;
      readonly maxMs: number;
      /** Of the times measured, 0…1. */
      readonly quantile: number;
      /** How often the command is run, after one run that does not count. */
      readonly runs: number;
      readonly at: SourcePosition;
    }
  | {
      readonly kind: 'successes';
      /** The last so many runs other than the candidate's must all have succeeded. */
      readonly count: number;
      /** Only runs under this profile count. */
      readonly profile?: string;
      readonly at: SourcePosition;
    };

/** Whom a candidate is compared with: `champion`, `previous` (what served before it), or a version by `model@3`. */
export type Comparator = string;

export interface PublishSpec {
  /** Holds `versions/<n>-<hash>/` and the symlink `current`. */
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
  /** Path of an artifact of this pipeline: the champion's own copy of it is the reference. */
  readonly reference?: WorkspacePath;
  readonly current?: { readonly dataset: string; readonly windowMs?: number; readonly prepare?: StepName };
  readonly predictions?: {
    readonly path: string;
    readonly time: string;
    readonly key?: string;
    readonly prediction: string;
  };
  readonly labels?: {
    readonly path?: string;
    readonly query?: Template;
    readonly key?: string;
    readonly label: string;
    readonly delayMs: number;
  };
  readonly ignore: readonly string[];
  readonly segments: readonly string[];
  /** Metrics of its own that check-performance measures by their commands. */
  readonly metrics: readonly MetricCommand[];
  /** The distance to judge by, for the table or by column. */
  readonly methods: MethodChoice;
  /** Rows of the prepared windows that a human has called a bug. Not in the file; joined when it is loaded. */
  readonly excluded?: readonly Exclusion[];
  readonly at: SourcePosition;
}

export interface MetricCommand {
  readonly name: string;
  readonly command: Command;
  /** A change of one measures every window anew. */
  readonly inputs: readonly InputRef[];
  readonly direction: 'higher' | 'lower';
  readonly timeoutMs?: number;
  readonly at: SourcePosition;
}

export interface RetrainSpec {
  readonly when: Condition;
  readonly onDataBug: 'hold' | 'ignore';
  /** With unclear columns; absent: hold once, and train if the next window shows the same. */
  readonly onUnclear?: 'hold' | 'train' | 'ignore';
  readonly cooldownMs?: number;
  readonly limit?: { readonly runs: number; readonly perMs: number };
  readonly pauseAfterFailures?: number;
  /** How often it is meant to be called. */
  readonly tickMs?: number;
  readonly mode: 'automatic' | 'suggest';
  readonly at: SourcePosition;
}

/** The declared tree; `decide/` turns it and measured values into a decision. */
export type Condition =
  | { readonly kind: 'any' | 'all'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | (TriggerPolicy & Trigger);

export interface TriggerPolicy {
  readonly persist?: Persistence;
  /** `edge`: once each time it comes true, until a training for it did not fail. `level`: as long as it is true. */
  readonly fires?: 'edge' | 'level';
  /** An edge that still holds so long after its training fires again. */
  readonly againMs?: number;
  readonly at: SourcePosition;
}

export type Trigger =
  | { readonly kind: 'schedule'; readonly cron: string; readonly timezone: string }
  | {
      readonly kind: 'new_data';
      /** Absent where only labels are counted. */
      readonly dataset?: string;
      readonly labels?: number;
      readonly rows?: number;
      readonly files?: number;
      readonly bytes?: number;
    }
  /** `consequence`: where predictions are monitored it only suggests, unless they or the loss have moved too. */
  | { readonly kind: 'data_drift'; readonly share: number; readonly on?: 'consequence' | 'any' }
  | { readonly kind: 'target_drift' | 'prediction_drift'; readonly score?: number }
  | { readonly kind: 'performance'; readonly metric: string; readonly drop: number; readonly windowMs?: number }
  | { readonly kind: 'code_change' }
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'max_age'; readonly ageMs: number }
  /** Another model of the registry was promoted. */
  | { readonly kind: 'upstream'; readonly model: string }
  /** `refit trigger --event` said so. */
  | { readonly kind: 'event'; readonly name: string };

/** `for: 2 of 3, every: 7d`: held in `count` of the last `of` distinct windows, at least `everyMs` apart. */
export interface Persistence {
  readonly count: number;
  readonly of: number;
  readonly everyMs: number;
}
