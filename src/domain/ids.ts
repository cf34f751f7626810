/** Branded strings and numbers. Each is created at one boundary and trusted elsewhere. */
declare const brand: unique symbol;
type Brand<T, B extends string> = T & { readonly [brand]: B };

export type PipelineName = Brand<string, 'PipelineName'>;
/** Name of a step, including the matrix instance: `train@fold=1`. */
export type StepName = Brand<string, 'StepName'>;
export type ModelName = Brand<string, 'ModelName'>;
/** UTC start and six random hex digits, `20260214-031207-4f9a1c`. Sorts by time, to the second, and is unique across machines. */
export type RunId = Brand<string, 'RunId'>;
/** `d-` followed by the form of a run id. */
export type DecisionId = Brand<string, 'DecisionId'>;
/** `f-` and eight hex digits derived from the finding, so the same finding has the same id. */
export type FindingId = Brand<string, 'FindingId'>;
/** Row ids of the registry, without meaning outside it. */
export type ExecutionId = Brand<number, 'ExecutionId'>;
export type AttemptId = Brand<number, 'AttemptId'>;
export type EvaluationId = Brand<number, 'EvaluationId'>;
export type GateVerdictId = Brand<number, 'GateVerdictId'>;
export type ApprovalId = Brand<number, 'ApprovalId'>;
export type TickId = Brand<number, 'TickId'>;
export type IntentId = Brand<number, 'IntentId'>;
/** 64 lower-case hex digits: sha256 of a file's bytes, or of a folder's manifest. */
export type ContentHash = Brand<string, 'ContentHash'>;
/** 64 lower-case hex digits: sha256 of everything that can change a step's result. */
export type Fingerprint = Brand<string, 'Fingerprint'>;
/** A path relative to the workspace root, with `/`, without `.` or `..` segments. */
export type WorkspacePath = Brand<string, 'WorkspacePath'>;
