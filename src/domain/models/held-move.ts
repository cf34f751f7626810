import type { AliasMove } from './model.js';

/** Why a move that another machine pushed is not in force here. */
export const HELD_BECAUSE = [
  /** Not judged yet: a pull was interrupted. */
  'unjudged',
  /** No pipeline of this workspace declares the model, or its file is invalid. */
  'no-pipeline',
  'pipeline-invalid',
  /** No recorded run wrote these bytes. */
  'no-run-made-it',
  /** No verdict on these bytes came with it, or none under the gate of the pipeline here, or that gate refused it. */
  'no-verdict',
  'other-gate',
  'gate-refused',
  'no-approval',
  'approval-expired',
  'approval-used',
  /** A rollback to a version that never served here. */
  'never-served',
] as const;
export type HeldBecause = (typeof HELD_BECAUSE)[number];

export interface HeldMove {
  readonly move: AliasMove;
  readonly because: HeldBecause;
}
