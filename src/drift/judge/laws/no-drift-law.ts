/** How a distance behaves when nothing has changed. */
export interface NoDriftLaw {
  readonly mean: number;
  /** Exceeded with probability alpha. */
  readonly limit: number;
  /** Of the distance that was seen. */
  readonly pValue: number;
}
