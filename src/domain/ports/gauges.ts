/** One number for a monitoring system, with what it is of. */
export interface Gauge {
  /** Without the prefix `refit_`; seconds, bytes and ratios by their base unit. */
  readonly name: string;
  readonly help: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** How gauges are written for a monitoring system. */
export type WriteGauges = (gauges: readonly Gauge[]) => string;
