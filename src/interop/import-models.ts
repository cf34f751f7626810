import { createHash } from 'node:crypto';
import type { Failure } from '../domain/failure.js';
import type { ContentHash, ModelName, RunId } from '../domain/ids.js';
import type { ModelVersion } from '../domain/models/model.js';
import type { KeptModel, KeptVersion } from '../domain/ports/run-history.js';
import { ok, type Result } from '../domain/support/result.js';
import type { Instant } from '../domain/support/time.js';
import { type Bytes, type Importing, versionPath } from './imported-bytes.js';
import { importedRunId, placeholderOf, recordImported } from './imported-run.js';

export interface ImportModelsContext {
  /** Imported runs by their id in the other system. */
  readonly runs: ReadonlyMap<string, RunId>;
  /** Ids of runs that are still running there. */
  readonly going: ReadonlySet<string>;
  readonly bytes: Bytes;
  readonly now: Instant;
}

export interface ImportedModels {
  readonly models: readonly string[];
  readonly versions: number;
  readonly knownVersions: number;
  readonly aliases: readonly string[];
  readonly missing: readonly string[];
  readonly notes: readonly string[];
}

/** Imports versions with their numbers. An alias is set only if refit does not have it yet. */
export async function importModels(
  services: Importing,
  models: readonly KeptModel[],
  context: ImportModelsContext,
): Promise<Result<ImportedModels, Failure>> {
  const counts = { versions: 0, knownVersions: 0 };
  const found = { aliases: [] as string[], missing: [] as string[], notes: [] as string[] };
  for (const model of models) {
    if (services.signal.aborted) break;
    const isNew = services.registry.models.versions(model.model as ModelName).length === 0;
    for (const version of model.versions) {
      const done = await importVersion(services, version, context);
      if (!done.ok) return done;
      const { outcome, missing, note } = done.value;
      counts.versions += outcome === 'added' ? 1 : 0;
      counts.knownVersions += outcome === 'known' ? 1 : 0;
      if (missing !== undefined) found.missing.push(missing);
      if (note !== undefined) found.notes.push(note);
    }
    if (isNew && model.note !== '') await noteOn(services, model.model, model.note, context.now);
    const moved = await importAliases(services, model, context.now);
    if (!moved.ok) return moved;
    found.aliases.push(...moved.value.set);
    found.notes.push(...moved.value.notes);
  }
  return ok({ models: models.map(({ model }) => model), ...counts, ...found });
}

interface VersionOutcome {
  readonly outcome: 'added' | 'known' | 'taken' | 'left';
  readonly missing?: string;
  readonly note?: string;
}

async function importVersion(
  services: Importing,
  version: KeptVersion,
  { runs, going, bytes, now }: ImportModelsContext,
): Promise<Result<VersionOutcome, Failure>> {
  const { models, runs: records, upkeep } = services.registry;
  const name = `${version.model}@${version.version}`;
  if (version.run !== undefined && going.has(version.run))
    return ok({ outcome: 'left', note: `${name} is left for the next import: its run is still running` });
  const placeholder = placeholderOf(version);
  const own = version.run === undefined ? undefined : runs.get(version.run);
  const run = own ?? importedRunId(`${version.model}/${version.version}`, version.registeredAt);
  const there = models.get({ model: version.model as ModelName, version: version.version });
  if (there !== undefined)
    return ok(
      there.run === run
        ? { outcome: 'known' }
        : { outcome: 'taken', note: `${name} is skipped: refit already has a version with this number` },
    );
  const artifact = await bytes(version.source);
  const adopted: ModelVersion = {
    model: version.model as ModelName,
    version: version.version,
    hash: artifact?.hash ?? hashOfNothing(version),
    kind: artifact?.kind ?? 'file',
    size: artifact?.size ?? 0,
    path: versionPath(version),
    run,
    registeredAt: version.registeredAt,
  };
  const written = await services.registry.write(() => {
    if (own === undefined && records.get(run) === undefined)
      recordImported(services.registry, {
        id: run,
        kept: placeholder,
        status: 'succeeded',
        finishedAt: version.registeredAt,
        writes: artifact === undefined ? [] : [{ path: versionPath(version), artifact }],
        missing: [],
      });
    // Mark the object as collected, so that `verify` does not report it as lost.
    if (artifact === undefined) upkeep.recordCollected([adopted.hash], now);
    models.adopt(adopted);
    models.recordNote({
      model: adopted.model,
      version: adopted.version,
      text: `imported from MLflow; ${version.note}${artifact === undefined ? '; its bytes were not found' : ''}`,
      actor: version.actor,
      notedAt: now,
    });
  });
  if (!written.ok) return written;
  return ok({
    outcome: 'added',
    ...(artifact === undefined ? { missing: `${name}: ${version.source.uri}` } : {}),
    ...(own === undefined ? { note: `the run of ${name} is not in the database: an empty run replaces it` } : {}),
  });
}

/** A placeholder hash for bytes that were not found. */
const hashOfNothing = ({ model, version, source }: KeptVersion): ContentHash =>
  createHash('sha256').update(`not found: ${model}@${version} at ${source.uri}`).digest('hex') as ContentHash;

const noteOn = (services: Importing, model: string, text: string, now: Instant) =>
  services.registry.write(() =>
    services.registry.models.recordNote({
      model: model as ModelName,
      text: `imported from MLflow; ${text}`,
      actor: services.surroundings.actor(),
      notedAt: now,
    }),
  );

async function importAliases(
  services: Importing,
  { model, aliases, versions }: KeptModel,
  now: Instant,
): Promise<Result<{ readonly set: readonly string[]; readonly notes: readonly string[] }, Failure>> {
  const { models } = services.registry;
  const set: string[] = [];
  const notes: string[] = [];
  for (const { alias, version, because } of aliases) {
    const known = models.alias(model as ModelName, alias)?.to;
    if (known !== undefined) {
      if (known !== version) notes.push(`${model}@${alias} stays version ${known}; it is version ${version} there`);
      continue;
    }
    const to = models.get({ model: model as ModelName, version });
    const kept = versions.find((one) => one.version === version);
    if (to === undefined || kept === undefined) {
      notes.push(`${model}@${alias} is skipped: version ${version} was not imported`);
      continue;
    }
    const moved = await services.registry.write(() => {
      const intent = models.openIntent({
        move: {
          model: to.model,
          alias,
          kind: 'promotion',
          to: version,
          toHash: to.hash,
          reason: `imported from MLflow: ${because}`,
          isForced: false,
          actor: services.surroundings.actor(),
          trigger: 'imported',
          movedAt: now,
          // MLflow does not store the time of the change.
          now: kept.updatedAt,
        },
        expectedGeneration: 0,
        hooks: [],
        openedAt: now,
      });
      if (intent !== undefined) models.commitIntent(intent, now);
      return intent !== undefined;
    });
    if (!moved.ok) return moved;
    if (moved.value) set.push(`${model}@${alias} is version ${version} (${because})`);
  }
  return ok({ set, notes });
}
