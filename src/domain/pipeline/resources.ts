/** How much of each resource there is on this machine and by `refit.yaml`. */
export interface ResourceLimits {
  /** By name: `cpus`, `memory` in bytes, `gpus`, and those that refit.yaml declares. */
  readonly amounts: Readonly<Record<string, number>>;
  /** Ids of the GPUs, one a slot, as CUDA_VISIBLE_DEVICES spells them. */
  readonly gpus: readonly string[];
}

/** What the machine has. */
export interface Machine {
  /** Processors this process may use. */
  readonly cpus: number;
  readonly memoryBytes: number;
}
