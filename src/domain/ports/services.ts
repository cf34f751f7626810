import type { Emit } from '../events.js';
import type { Diagnostic } from '../pipeline/diagnostic.js';
import type { Machine } from '../pipeline/resources.js';
import type { ArtifactStore } from './artifacts.js';
import type { Datasets } from './datasets.js';
import type { Environments } from './environments.js';
import type { Git } from './git.js';
import type { LineageEvents } from './lineage-events.js';
import type { Clock, Files, Locks, Logs, Memo, Processes, Surroundings, Webhooks } from './platform.js';
import type { Registry } from './registry.js';
import type { OpenRemote } from './remotes.js';
import type { RunTracker } from './run-tracker.js';
import type { Sources } from './sources.js';
import type { Staging } from './staging.js';

/** All adapters. cli/services.ts builds them once and passes them to use cases. Slow ones open on first use. */
export interface Services {
  readonly clock: Clock;
  readonly files: Files;
  readonly processes: Processes;
  readonly locks: Locks;
  readonly logs: Logs;
  readonly surroundings: Surroundings;
  readonly environments: Environments;
  readonly git: Git;
  readonly memo: Memo;
  readonly webhooks: Webhooks;
  readonly lineageEvents: LineageEvents;
  readonly openRemote: OpenRemote;
  readonly runTracker: RunTracker;
  readonly staging: Staging;
  readonly machine: () => Machine;
  readonly registry: Registry;
  readonly artifacts: ArtifactStore;
  readonly datasets: Datasets;
  readonly sources: Sources;
  /** False for a command that may not write `.refit`: what it finds is shown, and recorded nowhere. */
  readonly isRecording: boolean;
  readonly emit: Emit;
  /** Shows warnings about a user's file, each once in a command. */
  readonly warn: (diagnostics: readonly Diagnostic[]) => void;
  /** The services of a scratch workspace, whose runs nobody repeats. */
  readonly isScratch?: boolean;
  /** Aborted when refit receives SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
}
