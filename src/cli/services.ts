import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openStatCache, type StatCache } from '../artifacts/hashing/stat-cache.js';
import { createArtifactStore } from '../artifacts/store.js';
import type { Failure } from '../domain/failure.js';
import type { WriteGauges } from '../domain/ports/gauges.js';
import type { Output } from '../domain/ports/output.js';
import type { Files } from '../domain/ports/platform.js';
import type { OpenRunExport } from '../domain/ports/run-export.js';
import type { OpenHistory } from '../domain/ports/run-history.js';
import type { MakeScratchWorkspace } from '../domain/ports/scratch.js';
import type { Services } from '../domain/ports/services.js';
import type { JsonObject } from '../domain/support/json.js';
import { ok, type Result } from '../domain/support/result.js';
import { createRunExport } from '../interop/mlflow/export.js';
import { openMlflowHistory } from '../interop/mlflow/lazily.js';
import { createRunTracker } from '../interop/mlflow/tracker.js';
import { createLineageEvents } from '../interop/openlineage/events.js';
import { writeExposition } from '../interop/prometheus/exposition.js';
import { createClock } from '../platform/clock.js';
import { createFiles } from '../platform/files.js';
import { createGit } from '../platform/git.js';
import { createLocks } from '../platform/locks.js';
import { createLogs } from '../platform/logs.js';
import { readMachine } from '../platform/machine.js';
import { createMemo } from '../platform/memo.js';
import { createProcesses } from '../platform/processes/processes.js';
import { makeScratchWorkspace } from '../platform/scratch-workspace.js';
import { readSecrets, type Secrets } from '../platform/secrets.js';
import { createSurroundings } from '../platform/surroundings.js';
import { createWebhooks } from '../platform/webhooks.js';
import { findWorkspace } from '../platform/workspace.js';
import { openRegistry } from '../registry/database/registry.js';
import { createOpenRemote } from '../remote/stores/remotes.js';
import { failureText } from '../render/failure-text.js';
import { createOutput, type OutputOptions } from '../render/output.js';
import { createDatasets } from '../tables/datasets.js';
import { VERSION } from './version.js';

export interface OpenOptions extends Pick<OutputOptions, 'isVerbose' | 'isQuiet'> {
  /**
   * `read` leaves a workspace without a registry as it is, and so does `scratch`, which works in one of its own; `none` needs
   * none; `make` writes, where there is none into this folder, which becomes one.
   */
  readonly workspace: 'read' | 'write' | 'scratch' | 'none' | 'make';
  readonly signal: AbortSignal;
}

export type OpenServices = Services & {
  readonly output: Output;
  /** A path of the command line, seen from the folder refit was started in; it may lie outside the workspace. */
  readonly place: (path: string) => { readonly path: string; readonly isFolder: boolean; readonly folder: Files };
  readonly makeScratchWorkspace: MakeScratchWorkspace;
  readonly openHistory: OpenHistory;
  readonly writeGauges: WriteGauges;
  readonly openRunExport: OpenRunExport;
} & AsyncDisposable;

export const openOutput = (options: Omit<OutputOptions, 'github' | 'mask'>) => {
  const github = githubJob(process.env);
  return createOutput({ ...options, github, mask: (text) => secretsAt(workspaceRoot()).mask(text) });
};

const workspaceRoot = (): string | undefined => {
  const found = findWorkspace('.');
  return found.ok ? found.value : undefined;
};

const secretsByRoot = new Map<string | undefined, Secrets>();

/** Read once a command: files that name secrets do not change their meaning while it runs. */
function secretsAt(root: string | undefined): Secrets {
  const known = secretsByRoot.get(root) ?? readSecrets(root, process.env);
  secretsByRoot.set(root, known);
  return known;
}

function githubJob(env: NodeJS.ProcessEnv): OutputOptions['github'] {
  if (env.GITHUB_ACTIONS !== 'true') return undefined;
  const workspace = findWorkspace('.');
  const below = workspace.ok ? relative(env.GITHUB_WORKSPACE ?? workspace.value, workspace.value) : '';
  return {
    prefix: below === '' || below.startsWith('..') ? '' : `${below}/`,
    summaryPath: env.GITHUB_STEP_SUMMARY,
    outputPath: env.GITHUB_OUTPUT,
  };
}

/** The one place that builds adapters. Costly ones (DuckDB) open on first use. */
export async function openServices(options: OpenOptions, output: Output): Promise<Result<OpenServices, Failure>> {
  const found = options.workspace === 'none' ? ok(resolve('.')) : findWorkspace('.');
  if (options.workspace === 'make')
    return openServicesAt(found.ok ? found.value : resolve('.'), { ...options, workspace: 'write' }, output);
  if (!found.ok) return found;
  return openServicesAt(found.value, options, output);
}

/** `processes`: of the command that works here; a signal must find all of them in one place. */
function openServicesAt(
  root: string,
  options: OpenOptions,
  output: Output,
  processes = createProcesses({ areLinesShown: options.isVerbose && !options.isQuiet }),
): Result<OpenServices, Failure> {
  const registry = openRegistry(join(root, '.refit', 'registry.db'), options.workspace === 'write' ? 'write' : 'read');
  if (!registry.ok) return registry;
  const { short } = secretsAt(root);
  if (options.workspace === 'write' && short.length > 0)
    output.emit({
      type: 'warning',
      code: 'short-secret',
      text: `${short.join(', ')}: fewer than four characters, so it is not masked; use a longer secret`,
    });
  let cache: StatCache | undefined;
  const datasets = createDatasets(root);
  const files = createFiles(root);
  const here = dirname(fileURLToPath(import.meta.url));
  const refitFolder = join(root, '.refit');
  const surroundings = createSurroundings(root, join(here, '..', '..', 'bin'), {
    versions: { refit: VERSION },
    secrets: () => secretsAt(root),
  });
  const webhooks = createWebhooks(surroundings.variables);
  // a command that only reads makes no .refit; asked once, for one that it makes and takes away again is nobody's
  const isKept = options.workspace === 'write' || existsSync(refitFolder);
  return ok({
    output,
    emit: output.emit,
    warn: output.warn,
    signal: options.signal,
    clock: createClock(),
    files,
    processes,
    locks: createLocks(root, options.signal),
    logs: createLogs(root),
    surroundings,
    git: createGit(root),
    openRemote: createOpenRemote(root, process.env),
    openHistory: openMlflowHistory,
    writeGauges: writeExposition,
    openRunExport: createRunExport(VERSION, { failureText: whatFailed }),
    lineageEvents: createLineageEvents({ version: VERSION, failureText: whatFailed }),
    runTracker: createRunTracker(webhooks, { failureText: whatFailed }),
    machine: readMachine,
    memo: createMemo(join(refitFolder, 'cache'), here, isKept),
    webhooks,
    registry: registry.value,
    place: (path) => placeOf(root, resolve(path)),
    artifacts: createArtifactStore(root, () => {
      cache ??= openStatCache(isKept ? join(refitFolder, 'cache.db') : ':memory:');
      return cache;
    }),
    datasets,
    makeScratchWorkspace: async ({ kept } = {}) => {
      const { root: inside, ...scratch } = await makeScratchWorkspace(root, kept);
      return {
        ...scratch,
        open: async () => openServicesAt(inside, { ...options, workspace: 'write' }, output, processes),
      };
    },
    [Symbol.asyncDispose]: async () => {
      processes.killAll();
      await files.removeScratch();
      cache?.[Symbol.dispose]();
      registry.value[Symbol.dispose]();
      await datasets[Symbol.asyncDispose]();
    },
  });
}

/** A stored failure in one sentence. */
const whatFailed = (failure: JsonObject): string => failureText(failure as unknown as Failure).what;

function placeOf(root: string, full: string) {
  const isFolder = statSync(full, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return { path: relative(root, full) || '.', isFolder, folder: createFiles(isFolder ? full : dirname(full)) };
}
