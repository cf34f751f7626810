/** Distribution of a distance when nothing has changed. */
export interface NoDriftLaw {
  readonly mean: number;
  /** Exceeded with probability alpha. */
  readonly limit: number;
  /** P-value of the observed distance. */
  readonly pValue: number;
}
