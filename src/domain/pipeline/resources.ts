/** Available resources, from this machine and `refit.yaml`. */
export interface ResourceLimits {
  /** By name: `cpus`, `memory` in bytes, `gpus`, and those declared in refit.yaml. */
  readonly amounts: Readonly<Record<string, number>>;
  /** GPU ids as in CUDA_VISIBLE_DEVICES, one for each slot. */
  readonly gpus: readonly string[];
}

/** Resources of the machine. */
export interface Machine {
  /** Processors this process may use. */
  readonly cpus: number;
  readonly memoryBytes: number;
}
