/** Where a step runs. The name after the colon is a profile in `refit.yaml`. */
export type ExecutorName = 'local' | 'slurm' | `slurm:${string}`;

/** The form of `executor` in a pipeline file and of `--executor`. */
export const EXECUTOR = /^(local|slurm(:[A-Za-z0-9_-]+)?)$/;

/** What `refit.yaml` says about jobs of Slurm. */
export interface SlurmSettings {
  readonly partition?: string;
  readonly account?: string;
  readonly constraint?: string;
  readonly qos?: string;
  /** Further options of sbatch. */
  readonly options?: readonly string[];
}

export interface ExecutorSettings {
  readonly slurm?: SlurmSettings & {
    /** By name; each is laid over the settings around it. */
    readonly profiles?: Readonly<Record<string, SlurmSettings>>;
  };
}
