import { datasetKey } from '../data/windows/reference-profile.js';
import { type Snapshot, snapshotPath } from '../domain/data/snapshot.js';
import type { Failure } from '../domain/failure.js';
import type { ContentHash, RunId } from '../domain/ids.js';
import type { ModelVersion } from '../domain/models/model.js';
import type { ExecutorSettings } from '../domain/pipeline/executor.js';
import { DEFAULT_RETENTION, type Retention } from '../domain/pipeline/retention.js';
import type { Lock } from '../domain/ports/platform.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { DAY_MS, type Instant, instantOf } from '../domain/support/time.js';
import type { StoredObject } from '../domain/upkeep.js';
import { CHAMPION, servedBefore } from '../models/champion.js';
import { checkPipeline, listPipelineFiles } from '../pipeline/load-pipeline.js';
import { definitionOf } from '../pipeline/with-snapshots.js';
import { loadWorkspaceSettings } from '../pipeline/workspace-settings.js';
import { BACKTESTS, backtestLock } from '../retrain/backtest/backtest-options.js';
import { declaredPipelines } from '../serving/judge-pulled.js';
import { EXCHANGE, takeLock } from '../serving/pipeline-lock.js';
import { halfMade, sweepPublication } from '../serving/publish/sweep-publication.js';
import { refuseRewound } from '../serving/rewound-registry.js';
import { removeStaged } from './gc-staged.js';
import type { Collection } from './views/upkeep-view.js';

export interface GcOptions {
  readonly now: Instant;
  /** Delete; otherwise only report. */
  readonly isApplied: boolean;
  readonly versions?: number;
  readonly days?: number;
  readonly keep?: readonly string[];
  readonly waitMs?: number;
}

/** Removes store objects, logs and cache entries that nothing needs any more. The registry keeps every row. */
export async function collectGarbage(services: Services, options: GcOptions): Promise<Result<Collection, Failure>> {
  const settings = await loadWorkspaceSettings(services);
  if (!settings.ok) return settings;
  const said = settings.value.retention ?? {};
  const retention: Retention = {
    versions: options.versions ?? said.versions ?? DEFAULT_RETENTION.versions,
    days: options.days ?? said.days ?? DEFAULT_RETENTION.days,
    keep: [...(said.keep ?? []), ...(options.keep ?? [])],
  };
  const unknown = retention.keep.find((name) => !namesOf(services).has(name));
  if (unknown !== undefined) return err(noSuchVersion(services, unknown));
  const { executors } = settings.value;
  if (!options.isApplied) return ok(await collect(services, options, { retention, executors }));
  // An older registry does not know what the lost entries refer to.
  const current = await refuseRewound(services);
  if (!current.ok) return current;
  // A running step relies on the objects it found in the store.
  const locks = await lockAll(services, options.waitMs);
  if (!locks.ok) return locks;
  try {
    return ok(await collect(services, options, { retention, executors }));
  } finally {
    for (const lock of locks.value) lock.release();
  }
}

const versionName = ({ model, version }: Pick<ModelVersion, 'model' | 'version'>): string => `${model}@${version}`;

const versionsOf = ({ registry }: Pick<Services, 'registry'>): readonly ModelVersion[] =>
  registry.models.names().flatMap((model) => registry.models.versions(model));

const namesOf = (services: Pick<Services, 'registry'>): ReadonlySet<string> =>
  new Set(versionsOf(services).map(versionName));

const noSuchVersion = (services: Pick<Services, 'registry'>, name: string): Failure => ({
  code: 'not-found',
  what: 'model version',
  name,
  available: [...namesOf(services)],
  next: 'name versions to keep as model@version',
});

/** Also the lock of exchanges: a push sends objects from the store while pipelines go on. */
async function lockAll(services: Services, waitMs: number | undefined): Promise<Result<readonly Lock[], Failure>> {
  const held: Lock[] = [];
  for (const name of [EXCHANGE, ...services.registry.runs.pipelines()]) {
    const lock = await takeLock(services, { name }, { waitMs, take: services.locks.lockPipeline });
    if (!lock.ok) {
      for (const one of held) one.release();
      return lock;
    }
    held.push(lock.value);
  }
  return ok(held);
}

async function collect(
  services: Services,
  options: GcOptions,
  { retention, executors }: { readonly retention: Retention; readonly executors: ExecutorSettings | undefined },
): Promise<Collection> {
  const since = options.now - retention.days * DAY_MS;
  const reasons = keptVersions(services, retention, since);
  const runs = keptRuns(services, reasons, since);
  const current = await currentSnapshots(services);
  const needed = new Set([...(await neededObjects(services, reasons, runs)), ...current.map(({ hash }) => hash)]);
  const objects = await services.artifacts.upkeep.list();
  // An object without a row may belong to another registry or get its row later, so keep it for the retention time.
  const isDue = (object: StoredObject): boolean =>
    !needed.has(object.hash) && (object.writtenAt < since || isRecorded(services, object.hash));
  const gone = objects.filter(isDue);
  const logs = (await services.files.listFolder('.refit/logs')).filter((run) => isOldLog(services, run, runs));
  const memos = [...(await oldMemos(services, since)), ...(await oldSnapshotFiles(services, current))];
  const backtests = await oldBacktests(services, since, options.isApplied);
  const profiled = await profiledHashes(services, runs);
  const profiles =
    profiled === undefined
      ? 0
      : services.registry.upkeep.thinProfiles({ hashes: profiled, since: instantOf(since) }, !options.isApplied);
  const leftovers = await halfMadePublications(services, options.isApplied);
  if (options.isApplied) {
    // Record before deleting, because a missing object without this record counts as damage.
    services.registry.upkeep.recordCollected([...new Set(gone.map((object) => object.hash))], services.clock.now());
    await services.artifacts.upkeep.remove(gone);
    for (const path of [...logs.map((run) => `.refit/logs/${run}`), ...memos]) await services.files.remove(path);
  }
  const isGone = new Set(gone.map((object) => object.hash));
  return {
    isApplied: options.isApplied,
    retention,
    keptVersions: [...reasons].map(([name, because]) => ({ name, because })),
    keptRuns: runs.size,
    kept: sizeOf(objects.filter((object) => !isDue(object))),
    removed: sizeOf(gone),
    removedVersions: versionsOf(services)
      .filter((version) => isGone.has(version.hash))
      .map(versionName),
    logs,
    cacheRows: await services.artifacts.upkeep.pruneCache(!options.isApplied),
    cacheFiles: memos.length,
    backtests,
    leftovers,
    staged: await removeStaged(services, executors, options.isApplied),
    profiles,
    registryBytes: options.isApplied ? services.registry.upkeep.giveSpaceBack() : 0,
  };
}

/** What killed publications left half made. Whoever applies holds every lock, so nothing of it is under way. */
async function halfMadePublications(services: Services, isApplied: boolean): Promise<readonly string[]> {
  const found: string[] = [];
  for (const pipeline of (await declaredPipelines(services)).values()) {
    if (pipeline === 'invalid' || services.locks.isHeld(pipeline.name) !== isApplied) continue;
    found.push(
      ...(await (isApplied ? sweepPublication(services, pipeline) : halfMade(services, pipeline.model?.publish?.path))),
    );
  }
  return found;
}

/**
 * Backtest workspaces last used before the retention time. With their step caches they may be larger than the store. A
 * workspace that a backtest uses now is kept.
 */
async function oldBacktests(services: Services, since: number, isApplied: boolean): Promise<readonly string[]> {
  const { files, locks } = services;
  const old: string[] = [];
  for (const name of await files.listFolder(BACKTESTS)) {
    const stat = await files.stat(`${BACKTESTS}/${name}`);
    if (stat === undefined || stat.mtimeMs >= since) continue;
    const lock = await locks.lockPipeline(backtestLock(name));
    if (!lock.ok) continue;
    try {
      if (isApplied) await files.remove(`${BACKTESTS}/${name}`);
      old.push(name);
    } finally {
      lock.value.release();
    }
  }
  return old;
}

const sizeOf = (objects: readonly StoredObject[]) => ({
  objects: objects.length,
  bytes: objects.reduce((sum, object) => sum + object.size, 0),
});

const isRecorded = ({ registry }: Services, hash: ContentHash): boolean =>
  registry.runs.makerOf(hash) !== undefined ||
  registry.models.withPredictions(hash).length > 0 ||
  registry.runs.withDiff(hash).length > 0 ||
  registry.snapshots.withHash(hash).length > 0 ||
  registry.upkeep.collectedAt(hash) !== undefined;

/** Versions whose bytes are kept, with the first reason for each. */
function keptVersions(services: Services, retention: Retention, since: number): ReadonlyMap<string, string> {
  const { models } = services.registry;
  const kept = new Map<string, string>();
  const keep = (name: string, because: string): void => {
    if (!kept.has(name)) kept.set(name, because);
  };
  for (const intent of models.openIntents())
    keep(versionName({ ...intent.move, version: intent.move.to }), 'its publication is not finished');
  for (const model of models.names()) {
    const moves = models.moves(model);
    for (const alias of new Set(moves.map((move) => move.alias))) {
      const now = models.alias(model, alias);
      if (now !== undefined)
        keep(versionName({ model, version: now.to }), alias === CHAMPION ? 'it serves' : `it is called ${alias}`);
      const before = servedBefore(services, now);
      if (before !== undefined) keep(versionName({ model, version: before }), 'a rollback would go back to it');
    }
    for (const name of retention.keep) if (name.startsWith(`${model}@`)) keep(name, 'it is kept by name');
    const versions = models.versions(model);
    for (const version of versions.slice(-retention.versions))
      keep(versionName(version), `one of the newest ${retention.versions}`);
    for (const version of versions)
      if (version.registeredAt >= since) keep(versionName(version), `not older than ${retention.days} days`);
  }
  return kept;
}

/** Runs to keep: of kept versions, recent, running, remembered, and the last successful one of each pipeline. */
function keptRuns(services: Services, versions: ReadonlyMap<string, string>, since: number): ReadonlySet<RunId> {
  const { runs } = services.registry;
  const kept = new Set<RunId>(versionsOf(services).flatMap((one) => (versions.has(versionName(one)) ? [one.run] : [])));
  for (const { run } of runs.unfinished()) kept.add(run.id);
  for (const run of runs.since(since)) kept.add(run);
  for (const pipeline of runs.pipelines()) {
    for (const one of runs.remembered(pipeline).values()) kept.add(one.run);
    const [last] = runs.list({ pipeline, status: 'succeeded', limit: 1 });
    if (last !== undefined) kept.add(last.id);
  }
  return kept;
}

/** Hashes to keep, including the files of folders and the predictions of versions. */
async function neededObjects(
  services: Services,
  versions: ReadonlyMap<string, string>,
  runs: ReadonlySet<RunId>,
): Promise<ReadonlySet<ContentHash>> {
  const { registry, artifacts } = services;
  const needed = new Set<ContentHash>();
  for (const { run, hashes } of registry.upkeep.objectsOfRuns())
    if (runs.has(run)) for (const hash of hashes) needed.add(hash);
  for (const version of versionsOf(services)) {
    if (!versions.has(versionName(version))) continue;
    needed.add(version.hash);
    for (const { predictions } of registry.models.evaluations(version))
      if (predictions !== undefined) needed.add(predictions);
  }
  for (const { hash, role } of registry.upkeep.references()) if (role === 'schema') needed.add(hash);
  for (const run of runs) for (const hash of readByRun(services, run)) needed.add(hash);
  for (const hash of [...needed]) for (const member of (await artifacts.members(hash)) ?? []) needed.add(member.hash);
  return needed;
}

/** What a kept run read: files and folders that were stored for a repetition, and lists of folders. */
const readByRun = ({ registry }: Services, run: RunId): readonly ContentHash[] =>
  registry.runs
    .executions(run)
    .flatMap((execution) => registry.runs.uses(execution.id).reads)
    .map(({ artifact }) => artifact.hash);

/**
 * What profiles of kept runs are stored under: the tables that they read and wrote, and their windows of datasets.
 * `undefined` while the datasets of some pipeline are unknown, because its file cannot be parsed: then none is thinned.
 */
async function profiledHashes(
  services: Services,
  runs: ReadonlySet<RunId>,
): Promise<ReadonlySet<ContentHash> | undefined> {
  const { registry } = services;
  const datasets = await declaredDatasets(services);
  if (datasets === undefined) return undefined;
  const hashes = new Set<ContentHash>();
  for (const run of runs) {
    for (const dataset of datasets) hashes.add(datasetKey(run, dataset));
    for (const { id } of registry.runs.executions(run)) {
      const { reads, writes } = registry.runs.uses(id);
      for (const { artifact } of [...reads, ...writes]) hashes.add(artifact.hash);
    }
  }
  return hashes;
}

/** Snapshots that status, plans and the next reading use: of the sources that pipeline files declare today. */
async function currentSnapshots(services: Services): Promise<readonly Snapshot[]> {
  const current: Snapshot[] = [];
  for (const file of await listPipelineFiles(services)) {
    const checked = await checkPipeline(services, file);
    // What a file asks for that cannot be parsed is unknown, so nothing is removed.
    if (!checked.ok || checked.value.pipeline === undefined) return services.registry.snapshots.all();
    const { name: pipeline, datasets } = checked.value.pipeline;
    for (const { name, remote } of datasets)
      if (remote !== undefined)
        current.push(...services.registry.snapshots.newest(pipeline, name, definitionOf(remote)));
  }
  return current;
}

/** Copies of snapshots for steps. Those of kept runs can be restored from the store. */
async function oldSnapshotFiles({ files }: Services, current: readonly Snapshot[]): Promise<readonly string[]> {
  const kept = new Set<string>(current.map(snapshotPath));
  const old: string[] = [];
  for (const dataset of await files.listFolder('.refit/sources'))
    for (const name of await files.listFolder(`.refit/sources/${dataset}`))
      if (!kept.has(`.refit/sources/${dataset}/${name}`)) old.push(`.refit/sources/${dataset}/${name}`);
  return old;
}

async function declaredDatasets(services: Services): Promise<readonly string[] | undefined> {
  const names: string[] = [];
  for (const file of await listPipelineFiles(services)) {
    const checked = await checkPipeline(services, file);
    if (!checked.ok || checked.value.pipeline === undefined) return undefined;
    names.push(...checked.value.pipeline.datasets.map(({ name }) => name));
  }
  return names;
}

const isOldLog = ({ registry }: Services, run: string, kept: ReadonlySet<RunId>): boolean =>
  registry.runs.get(run as RunId) !== undefined && !kept.has(run as RunId);

/** Cached parsed pipeline files that were not used within the retention time. */
async function oldMemos({ files }: Services, since: number): Promise<readonly string[]> {
  const old: string[] = [];
  for (const name of await files.listFolder('.refit/cache')) {
    const stat = await files.stat(`.refit/cache/${name}`);
    if (stat !== undefined && stat.mtimeMs < since) old.push(`.refit/cache/${name}`);
  }
  return old;
}
