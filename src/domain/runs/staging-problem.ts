/** Why content did not get from one side to the other. */
export interface StagingProblem {
  readonly doing: 'fetch' | 'put';
  /** Of the workspace, or what else it is called. */
  readonly path: string;
  readonly cause: 'unreachable' | 'damaged' | 'missing' | 'disk';
  readonly reason: string;
}
