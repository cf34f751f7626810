import type { Failure } from '../domain/failure.js';
import type { RunId } from '../domain/ids.js';
import type { KeptRun, KeptVersion, RunHistory } from '../domain/ports/run-history.js';
import type { ArtifactUse } from '../domain/runs/artifact.js';
import type { RunStatus } from '../domain/runs/run.js';
import { ok, type Result } from '../domain/support/result.js';
import { DAY_MS, type Instant } from '../domain/support/time.js';
import type { View } from '../domain/view.js';
import { importModels } from './import-models.js';
import { type Bytes, createBytes, type Importing, importedPath, versionPath } from './imported-bytes.js';
import { importedRunId, recordImported } from './imported-run.js';
import { type ImportedHistory, importedView } from './views/import-view.js';

/** An open run without a sign of life for this time counts as lost. */
const LOST_AFTER_MS = DAY_MS;
/** Number of runs that are committed together. */
const RUNS_PER_COMMIT = 50;

/**
 * Imports the runs and versions of a tracking server. Each run is imported completely or not at all. The next import continues
 * an interrupted one, and repeating an import adds nothing.
 */
export async function importHistory(
  services: Importing,
  history: RunHistory,
  file: string,
): Promise<Result<View, Failure>> {
  const now = services.clock.now();
  const models = history.models();
  const bytes = createBytes(services);
  const versions = byRun(models.flatMap((model) => model.versions));
  const ran = await importRuns(services, history, { now, bytes, versions });
  if (!ran.ok) return ran;
  const { runs, pipelines, going, counts, missing } = ran.value;
  const imported = await importModels(services, models, { runs, going, bytes, now });
  if (!imported.ok) return imported;
  const result: ImportedHistory = {
    file,
    pipelines: [...pipelines].sort(),
    ...counts,
    going: going.size,
    deleted: history.deleted,
    ...imported.value,
    missing: [...missing, ...imported.value.missing],
    notes: [...history.notes, ...imported.value.notes],
    isCutShort: services.signal.aborted,
  };
  return ok(importedView(result));
}

interface ImportedRuns {
  /** Imported runs by their id in the other system. */
  readonly runs: ReadonlyMap<string, RunId>;
  /** Ids of runs that are still running there. */
  readonly going: ReadonlySet<string>;
  readonly pipelines: ReadonlySet<string>;
  readonly counts: Pick<ImportedHistory, 'runs' | 'known' | 'lost' | 'points'>;
  readonly missing: readonly string[];
}

interface RunImport {
  readonly now: Instant;
  readonly bytes: Bytes;
  readonly versions: ReadonlyMap<string, readonly KeptVersion[]>;
}

/** Imports the runs that have ended. Stops early, without an error, if the command is cancelled. */
async function importRuns(
  services: Importing,
  history: RunHistory,
  { now, bytes, versions }: RunImport,
): Promise<Result<ImportedRuns, Failure>> {
  const runs = new Map<string, RunId>();
  const going = new Set<string>();
  const pipelines = new Set<string>();
  const counts = { runs: 0, known: 0, lost: 0, points: 0 };
  const missing: string[] = [];
  const waiting: Promise<Result<void, Failure>>[] = [];
  for (const kept of history.runs()) {
    if (services.signal.aborted) break;
    const end = endOf(kept, now);
    if (end === undefined) {
      going.add(kept.origin.id);
      continue;
    }
    const id = importedRunId(kept.origin.id, kept.startedAt);
    runs.set(kept.origin.id, id);
    pipelines.add(kept.pipeline);
    if (services.registry.runs.get(id) !== undefined) {
      counts.known++;
      continue;
    }
    const found = await artifactsOf(bytes, kept, versions.get(kept.origin.id) ?? []);
    waiting.push(services.registry.write(() => recordImported(services.registry, { id, kept, ...end, ...found })));
    if (waiting.length === RUNS_PER_COMMIT) {
      const written = await allWritten(waiting.splice(0));
      if (!written.ok) return written;
    }
    missing.push(...found.missing.map((uri) => `run ${id}: ${uri}`));
    counts.runs++;
    counts.lost += end.status === 'lost' ? 1 : 0;
    counts.points += kept.points.length;
  }
  const written = await allWritten(waiting);
  return written.ok ? ok({ runs, going, pipelines, counts, missing }) : written;
}

async function allWritten(waiting: readonly Promise<Result<void, Failure>>[]): Promise<Result<void, Failure>> {
  const results = await Promise.all(waiting);
  return results.find((one) => !one.ok) ?? ok(undefined);
}

function byRun(versions: readonly KeptVersion[]): ReadonlyMap<string, readonly KeptVersion[]> {
  const found = new Map<string, KeptVersion[]>();
  for (const version of versions) {
    const { run = '' } = version;
    found.set(run, [...(found.get(run) ?? []), version]);
  }
  return found;
}

function endOf(
  { end }: KeptRun,
  now: Instant,
):
  | { readonly status: RunStatus & ('succeeded' | 'failed' | 'cancelled' | 'lost'); readonly finishedAt: Instant }
  | undefined {
  if (end.status !== 'open') return { status: end.status, finishedAt: end.at };
  return now - end.seenAt < LOST_AFTER_MS ? undefined : { status: 'lost', finishedAt: end.seenAt };
}

async function artifactsOf(
  bytes: Bytes,
  { origin, artifacts, hasArtifacts }: KeptRun,
  versions: readonly KeptVersion[],
): Promise<{ readonly writes: readonly ArtifactUse[]; readonly missing: readonly string[] }> {
  const writes: ArtifactUse[] = [];
  const missing: string[] = [];
  if (artifacts !== undefined) {
    const artifact = await bytes(artifacts);
    if (artifact !== undefined) writes.push({ path: importedPath(origin.id, 'artifacts'), artifact });
    // Artifacts on another machine may exist, so report them as missing.
    else if (hasArtifacts || artifacts.places.length === 0) missing.push(artifacts.uri);
  }
  for (const version of versions) {
    const artifact = await bytes(version.source);
    if (artifact !== undefined) writes.push({ path: versionPath(version), artifact });
  }
  return { writes, missing };
}
