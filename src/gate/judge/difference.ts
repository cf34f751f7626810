/** Predictions of two models on the same rows. `label` is 0 or 1 for classifiers, the value for regressions. */
export interface PairedPredictions {
  readonly label: readonly number[];
  readonly candidate: readonly number[];
  readonly champion: readonly number[];
}

/** Candidate minus champion, in the metric's unit, with its standard error. */
export interface Difference {
  readonly difference: number;
  readonly standardError: number;
  readonly rows: number;
  /** The candidate's value, computed from its predictions. */
  readonly candidate: number;
  /** Differences of the bootstrap resamples, ascending. Absent if the standard error has a formula. */
  readonly resampled?: Float64Array;
}
