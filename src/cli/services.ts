import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openStatCache, type StatCache } from '../artifacts/stat-cache.js';
import { createArtifactStore } from '../artifacts/store.js';
import { createDatasets } from '../dataset/datasets.js';
import type { Failure } from '../domain/failure.js';
import type { Output } from '../domain/output.js';
import type { MakeScratchWorkspace } from '../domain/ports/scratch.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/result.js';
import { createClock } from '../platform/clock.js';
import { createFiles } from '../platform/files.js';
import { createLocks } from '../platform/locks.js';
import { readMachine } from '../platform/machine.js';
import { createProcesses } from '../platform/processes.js';
import { makeScratchWorkspace } from '../platform/scratch-workspace.js';
import { createSurroundings } from '../platform/surroundings.js';
import { findWorkspace } from '../platform/workspace.js';
import { openRegistry } from '../registry/registry.js';
import { createOutput, type OutputOptions } from '../render/output.js';
import { VERSION } from './version.js';

export interface OpenOptions extends OutputOptions {
  /** `read` leaves a workspace without a registry as it is; `none` needs no workspace at all. */
  readonly workspace: 'read' | 'write' | 'none';
  readonly signal: AbortSignal;
}

export type OpenServices = Services & {
  readonly output: Output;
  readonly makeScratchWorkspace: MakeScratchWorkspace;
} & AsyncDisposable;

export const openOutput = (options: OutputOptions) => createOutput(options);

/** The one place that builds adapters. Costly ones (DuckDB) open on first use. */
export async function openServices(options: OpenOptions, output: Output): Promise<Result<OpenServices, Failure>> {
  const found = options.workspace === 'none' ? ok(resolve('.')) : findWorkspace('.');
  if (!found.ok) return found;
  return openServicesAt(found.value, options, output);
}

function openServicesAt(root: string, options: OpenOptions, output: Output): Result<OpenServices, Failure> {
  const registry = openRegistry(join(root, '.refit', 'registry.db'), options.workspace === 'write' ? 'write' : 'read');
  if (!registry.ok) return registry;
  let cache: StatCache | undefined;
  const datasets = createDatasets();
  const binFolder = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'bin');
  return ok({
    output,
    emit: output.emit,
    signal: options.signal,
    clock: createClock(),
    files: createFiles(root),
    processes: createProcesses(),
    locks: createLocks(root),
    surroundings: createSurroundings(root, binFolder, { refit: VERSION }),
    machine: readMachine,
    registry: registry.value,
    artifacts: createArtifactStore(root, () => {
      cache ??= openStatCache(cachePath(root, options.workspace));
      return cache;
    }),
    datasets,
    makeScratchWorkspace: async () => {
      const { root: inside, ...scratch } = await makeScratchWorkspace(root);
      return { ...scratch, open: async () => openServicesAt(inside, { ...options, workspace: 'write' }, output) };
    },
    [Symbol.asyncDispose]: async () => {
      cache?.[Symbol.dispose]();
      registry.value[Symbol.dispose]();
      await datasets[Symbol.asyncDispose]();
    },
  });
}

/** A command that only reads makes no `.refit`. */
const cachePath = (root: string, workspace: OpenOptions['workspace']): string =>
  workspace === 'write' || existsSync(join(root, '.refit')) ? join(root, '.refit', 'cache.db') : ':memory:';
