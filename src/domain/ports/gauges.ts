/** One number for a monitoring system, with its labels. */
export interface Gauge {
  /** Without the prefix `refit_`. Seconds, bytes and ratios end with their base unit. */
  readonly name: string;
  readonly help: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Formats gauges for a monitoring system. */
export type WriteGauges = (gauges: readonly Gauge[]) => string;
