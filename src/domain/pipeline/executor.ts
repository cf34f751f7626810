import type { RemoteTarget } from '../exchange/remote.js';
import type { ContainerEngine } from './container.js';
import type { KubernetesSettings } from './kubernetes.js';

/** Where a step runs. The name after the colon is a profile in `refit.yaml`. */
export type ExecutorName = 'local' | Engine | `${Engine}:${string}`;

/** What runs jobs outside this machine. */
export type Engine = 'slurm' | 'kubernetes';

/** The form of `executor` in a pipeline file and of `--executor`. */
export const EXECUTOR = /^(local|(slurm|kubernetes)(:[A-Za-z0-9_-]+)?)$/;

/** The parts of an executor's name. `undefined` for this machine. */
export function engineOf(name: ExecutorName): { readonly engine: Engine; readonly profile?: string } | undefined {
  if (name === 'local') return undefined;
  const [engine, profile] = name.split(':');
  return { engine: engine as Engine, ...(profile === undefined ? {} : { profile }) };
}

/** What `refit.yaml` says about jobs of Slurm. */
export interface SlurmSettings {
  readonly partition?: string;
  readonly account?: string;
  readonly constraint?: string;
  readonly qos?: string;
  /** Further options of sbatch. */
  readonly options?: readonly string[];
  /** `store`: the nodes do not see the workspace. */
  readonly staging?: 'shared' | 'store';
  /** Through which remote of `refit.yaml` inputs and outputs then go. */
  readonly remote?: string;
  /** Absolute: where a node keeps what a job works on. */
  readonly scratch?: string;
}

/** Settings with profiles by name; each is laid over the settings around it. */
type WithProfiles<T> = T & { readonly profiles?: Readonly<Record<string, T>> };

export interface ExecutorSettings {
  readonly slurm?: WithProfiles<SlurmSettings>;
  readonly kubernetes?: WithProfiles<KubernetesSettings>;
  /** Of the whole file, by name. */
  readonly remotes?: Readonly<Record<string, RemoteTarget>>;
  /** Of the whole file: the only one that runs images. */
  readonly containerEngine?: ContainerEngine;
}
