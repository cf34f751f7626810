import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openStatCache, type StatCache } from '../artifacts/hashing/stat-cache.js';
import { createArtifactStore, withoutSaving } from '../artifacts/store.js';
import type { Failure } from '../domain/failure.js';
import type { Environments } from '../domain/ports/environments.js';
import type { WriteGauges } from '../domain/ports/gauges.js';
import type { Output } from '../domain/ports/output.js';
import type { Pages } from '../domain/ports/pages.js';
import type { Files, Processes, Webhooks } from '../domain/ports/platform.js';
import type { Registry } from '../domain/ports/registry.js';
import type { OpenRunExport } from '../domain/ports/run-export.js';
import type { OpenHistory } from '../domain/ports/run-history.js';
import type { Schedules } from '../domain/ports/schedules.js';
import type { MakeScratchWorkspace } from '../domain/ports/scratch.js';
import type { Services } from '../domain/ports/services.js';
import type { JsonObject } from '../domain/support/json.js';
import { ok, type Result } from '../domain/support/result.js';
import { createLazyTracker, openMlflowHistory, openMlflowRunExport } from '../interop/mlflow/lazily.js';
import { createLineageEvents } from '../interop/openlineage/events.js';
import { writeExposition } from '../interop/prometheus/exposition.js';
import { createClock } from '../platform/clock.js';
import { isDiskFull } from '../platform/disk-room.js';
import { createEnvironments } from '../platform/environments/environments.js';
import { createFiles } from '../platform/files.js';
import { createGit } from '../platform/git/git.js';
import { checkOwnRegistry } from '../platform/git/tracked-registry.js';
import { describeInstallation } from '../platform/installation.js';
import { createLocks } from '../platform/locks/locks.js';
import { createLogs } from '../platform/logs.js';
import { readMachine } from '../platform/machine.js';
import { createMemo } from '../platform/memo.js';
import { readOwnText } from '../platform/own-text.js';
import { createPages } from '../platform/pages/pages.js';
import { createProcesses } from '../platform/processes/processes.js';
import { createReach, type Reach } from '../platform/reach.js';
import { checkRefitFolder, createOwnFolder, ignoreRefitFolder, type OwnFolder } from '../platform/refit-folder.js';
import { resultPlace } from '../platform/result-place.js';
import { makeScratchWorkspace } from '../platform/scratch-workspace.js';
import { readSecrets, type Secrets } from '../platform/secrets.js';
import { createStaging } from '../platform/staging/staging.js';
import { createSurroundings } from '../platform/surroundings.js';
import { createSchedules } from '../platform/user-schedules.js';
import { createDownloads, createWebhooks } from '../platform/webhooks.js';
import { findWorkspace } from '../platform/workspace.js';
import { openRegistry } from '../registry/database/registry.js';
import { restoreRegistry } from '../registry/database/restore.js';
import { createOpenBucket, createOpenRemote } from '../remote/stores/remotes.js';
import { createOutput, type OutputOptions } from '../render/output.js';
import { failureText } from '../render/parts/failure-text.js';
import { createSources } from '../sources/sources.js';
import { createDatasets } from '../tables/datasets.js';
import { folderOfPattern } from '../tables/places.js';
import type { QueryLimits } from '../tables/stop-statement.js';
import { readDataRoots } from './data-roots.js';
import { heedSignals } from './ending/heed-signals.js';
import { queries } from './ending/running-queries.js';
import { commandUse, guardProcesses, guardSources } from './guard-processes.js';
import { warnOfRecording, whyNotRecorded } from './may-record.js';
import { fromStart } from './started-in.js';
import { VERSION } from './version.js';

/** Words for files of CI systems, which cli/ may not take from render/ itself. */
export { junitText } from '../render/junit.js';
export { dotenvText } from '../render/step-outputs.js';

/** The folder of this file in `src/cli`, or of the bundle. */
const HERE = dirname(fileURLToPath(import.meta.url));

/** What `--version --verbose` prints. */
export const installation = () => describeInstallation(VERSION);

export interface OpenOptions extends Pick<OutputOptions, 'isVerbose' | 'isQuiet'> {
  /**
   * `read`: creates no registry where there is none, and starts no command of the workspace. `record`: reads, and records
   * what it finds where it may. `preview`: reads, and may start commands. `write`: needs a workspace. `scratch`: also leaves
   * the workspace unchanged, and works in a temporary one. `none`: needs no workspace. `make`: writes, and turns the
   * current folder into a workspace if there is none. `restore`: does not open the registry, which may be damaged.
   */
  readonly workspace: 'read' | 'record' | 'preview' | 'write' | 'scratch' | 'none' | 'make' | 'restore';
  /** `--no-commands`. */
  readonly areCommandsRefused?: boolean;
  readonly signal: AbortSignal;
  /** Called before the first process is started or lock is taken: from then on a signal must not end refit at once. */
  readonly beforeWork?: () => void;
  /** The same for a while: until the function that it returns is called. */
  readonly holdSignals?: () => () => void;
}

export type OpenServices = Services & {
  readonly output: Output;
  /**
   * Resolves a path of the command line, relative to the folder refit was started in. It may lie outside the workspace.
   */
  readonly place: (path: string) => {
    readonly path: string;
    readonly isFolder: boolean;
    readonly folder: Files;
    /** Why its folder is not the one that the path names: a link in the workspace leads out of it. */
    readonly faultOfFolder: () => string | undefined;
    /** Returns why a result that begins so may not be written there, or `undefined`. */
    readonly refusal: (text: string) => Promise<string | undefined>;
    /** Returns why the file cannot be written, or `undefined`. */
    readonly write: (text: string) => Promise<string | undefined>;
  };
  readonly makeScratchWorkspace: MakeScratchWorkspace;
  readonly openHistory: OpenHistory;
  /** Puts the copy at an absolute path in place of the registry. `label` names the one that was there. */
  readonly restoreRegistry: (copy: string, label: string) => ReturnType<typeof restoreRegistry>;
  readonly writeGauges: WriteGauges;
  readonly openRunExport: OpenRunExport;
  readonly pages: Pages;
  readonly schedules: Schedules;
} & AsyncDisposable;

export const openOutput = (options: Omit<OutputOptions, 'github' | 'mask'>) => {
  const github = githubJob(process.env);
  // Found once: the folder of the process may change when data is read.
  const root = workspaceRoot();
  return createOutput({ ...options, github, mask: (text) => secretsAt(root).mask(text) });
};

const workspaceRoot = (): string | undefined => {
  const found = findWorkspace('.');
  return found.ok ? found.value : undefined;
};

const secretsByRoot = new Map<string | undefined, Secrets>();

/** Read once a command: files that name secrets do not change their meaning while it runs. */
function secretsAt(root: string | undefined): Secrets {
  const known = secretsByRoot.get(root);
  if (known !== undefined) return known;
  const reach = createReach(root ?? '.', () => (root === undefined ? [] : readDataRoots(root, readOwnText)));
  const found = readSecrets(root === undefined ? undefined : { root, reach }, process.env);
  secretsByRoot.set(root, found);
  return found;
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

/** The only place that builds adapters. Slow ones (DuckDB) open on first use. */
export async function openServices(options: OpenOptions, output: Output): Promise<Result<OpenServices, Failure>> {
  const found = options.workspace === 'none' ? ok(resolve('.')) : findWorkspace('.');
  if (options.workspace === 'make')
    return openServicesAt(found.ok ? found.value : resolve('.'), { ...options, workspace: 'write' }, output);
  if (!found.ok) return found;
  return openServicesAt(found.value, options, output);
}

/** What the scratch workspaces of a command share with its workspace. */
interface Shared {
  /** A signal finds all children in one place. */
  readonly processes?: Processes;
  /** Scratch workspaces hold links to data of the workspace. */
  readonly roots?: () => readonly string[];
  /** Scratch workspaces use the environments of the workspace. */
  readonly environments?: Environments;
  readonly isScratch?: boolean;
}

async function openServicesAt(
  root: string,
  options: OpenOptions,
  output: Output,
  shared: Shared = {},
): Promise<Result<OpenServices, Failure>> {
  const own = checkRefitFolder(root);
  if (!own.ok) return own;
  const folders = createOwnFolders(root, options);
  const checked = shared.isScratch === true ? ok(undefined) : await checkOwnRegistry(root, folders.git.path);
  const registry = checked.ok ? openOwnRegistry(root, options, output) : checked;
  if (registry.ok) return ok(buildServices({ root, options, output, shared, folders, ...registry.value }));
  folders.remove();
  return registry;
}

/** Folders for what a command needs while it runs, each made at its first use. */
function createOwnFolders(root: string, { workspace }: OpenOptions) {
  const create = (purpose: string): OwnFolder => createOwnFolder(root, purpose, workspace !== 'none');
  const folders = { git: create('git'), data: create('data'), pages: create('pages') };
  return {
    ...folders,
    remove: (): void => {
      for (const folder of Object.values(folders)) folder.remove();
    },
  };
}

interface OwnRegistry {
  readonly registry: Registry;
  readonly registryPath: string;
  readonly caches: ReturnType<typeof openCaches>;
  readonly isRecording: boolean;
}

function openOwnRegistry(root: string, options: OpenOptions, output: Output): Result<OwnRegistry, Failure> {
  const why = options.workspace === 'record' ? whyNotRecorded(root, isDiskFull) : undefined;
  const isRecording = why === undefined;
  const mode = isWriting(options) ? (isRecording ? 'write' : 'copy') : 'read';
  const registryPath = join(root, '.refit', 'registry.db');
  const registry = openRegistry(options.workspace === 'restore' ? ':memory:' : registryPath, mode);
  if (!registry.ok) return registry;
  if (mode === 'write') ignoreRefitFolder(root);
  if (isWriting(options)) warnOfShortSecrets(root, output);
  if (why !== undefined) warnOfRecording(output, why);
  return ok({ registry: registry.value, registryPath, caches: openCaches(root, mode === 'write'), isRecording });
}

interface Parts extends OwnRegistry {
  readonly root: string;
  readonly options: OpenOptions;
  readonly output: Output;
  readonly shared: Shared;
  readonly folders: ReturnType<typeof createOwnFolders>;
}

function buildServices(parts: Parts): OpenServices {
  const { root, options, output, folders, caches, registry, registryPath, isRecording } = parts;
  const { processes = createOwnProcesses(options, output), isScratch } = parts.shared;
  const roots = parts.shared.roots ?? (() => readDataRoots(root, readOwnText));
  const reach = createReach(root, roots, (text) => output.emit({ type: 'warning', code: 'link-not-followed', text }));
  const store = createArtifactStore(root, caches.stats, { reach });
  const datasets = createDatasets(root, { roots, scratch: folders.data.path, limits: queryLimits(options) });
  const surroundings = createSurroundings(join(HERE, '..', '..', 'bin'), {
    versions: { refit: VERSION },
    secrets: () => secretsAt(root),
  });
  const environments = parts.shared.environments ?? createEnvironments(root, surroundings.variables);
  const webhooks = createWebhooks(surroundings.variables, surroundings.mask);
  const platform = createPlatform(root, { ...options, ofGit: folders.git, reach });
  return {
    ...platform,
    staging: createStaging(root, reach, () => platform.files.makeScratch('staged')),
    ...createExchange(root, { webhooks, signal: options.signal, roots }),
    output,
    isScratch,
    restoreRegistry: (copy, label) => restoreRegistry(registryPath, copy, label),
    emit: output.emit,
    warn: output.warn,
    signal: options.signal,
    processes,
    surroundings,
    environments,
    webhooks,
    memo: caches.memo,
    registry,
    place: (path) => {
      reach.allow([fromStart(path)]);
      return resultPlace(root, fromStart(path), folders.git.path);
    },
    artifacts: isRecording ? store : withoutSaving(store),
    isRecording,
    pages: createPages(folders.pages.path, options.beforeWork),
    schedules: createSchedules(root),
    sources: buildSources({ root, options, output }, datasets),
    datasets: {
      ...datasets,
      allow: (paths) => {
        datasets.allow(paths);
        reach.allow(paths.map((path) => resolve(root, folderOfPattern(path))));
      },
    },
    makeScratchWorkspace: scratchWorkspaces({ ...parts, shared: { processes, roots, environments } }),
    [Symbol.asyncDispose]: async () => {
      processes.killAll();
      await platform.files.removeScratch();
      caches[Symbol.dispose]();
      registry[Symbol.dispose]();
      await datasets[Symbol.asyncDispose]();
      folders.remove();
    },
  };
}

function buildSources(
  { root, options, output }: Pick<Parts, 'root' | 'options' | 'output'>,
  { openDatabase }: ReturnType<typeof createDatasets>,
) {
  const { signal } = options;
  const download = createDownloads(process.env);
  const openBucket = createOpenBucket(process.env, { signal, abandon: queries.abandon });
  const sources = createSources({ root, env: process.env, signal, queries, openDatabase, download, openBucket });
  return guardSources(heedSignals(sources, options), commandUse(options, output));
}

const createOwnProcesses = (options: OpenOptions, output: Output): Processes =>
  guardProcesses(
    createProcesses({
      areLinesShown: options.isVerbose && !options.isQuiet,
      beforeStart: () => options.beforeWork?.(),
    }),
    commandUse(options, output),
  );

/** Scratch workspaces share the processes of the command, so that a signal finds all of them in one place. */
const scratchWorkspaces =
  ({ root, options, output, shared }: Pick<Parts, 'root' | 'options' | 'output' | 'shared'>): MakeScratchWorkspace =>
  async ({ kept } = {}) => {
    const { root: inside, ...scratch } = await makeScratchWorkspace(root, kept);
    const roots = (): readonly string[] => [root, ...(shared.roots?.() ?? [])];
    const scratchOptions = { ...options, workspace: 'write' } as const;
    return {
      ...scratch,
      open: async () => openServicesAt(inside, scratchOptions, output, { ...shared, roots, isScratch: true }),
    };
  };

const isWriting = ({ workspace }: OpenOptions): boolean => workspace === 'write' || workspace === 'record';

const QUERY_SECONDS = 120;

/** SQL of a pipeline file may take any time in a run, which a user starts, and only so long where a clone is read. */
function queryLimits({ workspace, signal }: OpenOptions): QueryLimits {
  if (['write', 'make', 'scratch', 'restore'].includes(workspace)) return { signal, queries };
  const given = Number(process.env.REFIT_QUERY_SECONDS ?? QUERY_SECONDS);
  return { signal, queries, userSqlMs: 1000 * (given > 0 && given < 1_000_000 ? given : QUERY_SECONDS) };
}

/** A secret that is too short is not masked, because masking it would remove parts of ordinary words. */
function warnOfShortSecrets(root: string, output: Output): void {
  const { short } = secretsAt(root);
  if (short.length > 0)
    output.emit({
      type: 'warning',
      code: 'short-secret',
      text: `${short.join(', ')}: fewer than four characters, so it is not masked; use a longer secret`,
    });
}

const createPlatform = (
  root: string,
  {
    signal,
    beforeWork,
    ofGit,
    reach,
  }: Pick<OpenOptions, 'signal' | 'beforeWork'> & { readonly ofGit: OwnFolder; readonly reach: Reach },
) => ({
  clock: createClock(),
  files: createFiles(root, reach),
  locks: createLocks(root, { signal, beforeLock: () => beforeWork?.() }),
  logs: createLogs(root),
  git: createGit(root, { scratch: ofGit.path, signal }),
  machine: readMachine,
});

/** Adapters for other systems: remotes, MLflow, OpenLineage, Prometheus. */
const createExchange = (
  root: string,
  {
    webhooks,
    signal,
    roots,
  }: { readonly webhooks: Webhooks; readonly signal: AbortSignal; readonly roots: () => readonly string[] },
) => ({
  openRemote: createOpenRemote(root, process.env, { signal, abandon: queries.abandon }),
  openHistory: openMlflowHistory(() => [root, ...roots()]),
  writeGauges: writeExposition,
  openRunExport: openMlflowRunExport(VERSION, { failureText: whatFailed }),
  lineageEvents: createLineageEvents({ version: VERSION, failureText: whatFailed }),
  runTracker: createLazyTracker(webhooks, { failureText: whatFailed }),
});

/** The caches of a workspace. A command that only reads creates no `.refit`; without one its caches are not kept. */
function openCaches(root: string, isRecording: boolean) {
  const refitFolder = join(root, '.refit');
  // Asked once: a folder that the command itself makes for a while must not change the answer.
  const isKept = isRecording || existsSync(refitFolder);
  let stats: StatCache | undefined;
  return {
    memo: createMemo(join(refitFolder, 'cache'), {
      maker: HERE,
      isWritable: isKept,
      mask: (text) => secretsAt(root).mask(text),
    }),
    stats: () => {
      stats ??= openStatCache(isKept ? join(refitFolder, 'cache.db') : ':memory:');
      return stats;
    },
    [Symbol.dispose]: () => stats?.[Symbol.dispose](),
  };
}

/** A stored failure as one sentence. */
const whatFailed = (failure: JsonObject): string => failureText(failure as unknown as Failure).what;
