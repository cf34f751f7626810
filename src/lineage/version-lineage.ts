import type { ContentHash } from '../domain/ids.js';
import type { AliasMove, ModelVersion } from '../domain/models/model.js';
import type {
  Component,
  Delivery,
  InputSource,
  TableStatistics,
  VersionLineage,
} from '../domain/models/version-lineage.js';
import type { Services } from '../domain/ports/services.js';
import type { Run, StepExecution } from '../domain/runs/run.js';
import { DAY_MS } from '../domain/support/time.js';
import { CHAMPION } from '../models/champion.js';
import { externalInputs, heldByGit } from '../models/external-inputs.js';
import { isOwnPlace } from '../models/parents.js';
import { servingPeriods } from '../serving/serving-periods.js';
import { medianHigh } from '../statistics/quantiles.js';
import { ancestryOf } from './ancestry.js';

type Dependencies = Pick<Services, 'registry' | 'artifacts' | 'git'>;

/** Only this many of the newest readers of a data file are searched for other versions. */
const READERS = 200;

/** Lineage facts about a model version beyond its run: components, statistics, serving periods, delivery, integrity. */
export async function versionLineageOf(
  services: Dependencies,
  {
    run,
    version,
    moves: all,
  }: { readonly run: Run; readonly version: ModelVersion; readonly moves: readonly AliasMove[] },
): Promise<VersionLineage> {
  const moves = all.filter((move) => move.alias === CHAMPION);
  const promotion = moves.findLast((move) => move.to === version.version);
  const first = moves.find((move) => move.to === version.version);
  const now = moves.at(-1);
  const components = componentsOf(services, run, version);
  return {
    isImported: run.environment.origin !== undefined,
    components,
    ancestry: ancestryOf(services, version),
    statistics: statisticsOf(services, components),
    findings: services.registry.findings.of({ run: run.id }),
    servesNow: now === undefined ? undefined : now.to,
    servedBefore: first?.from === undefined ? undefined : first.from,
    periods: servingPeriods(version, moves),
    promotion,
    delivery: deliveryOf(run, moves, first),
    sharedData: sharedData(services, components, version),
    inputs: await sourcesOf(services, run),
    integrity: await integrityOf(services, version, components),
  };
}

function componentsOf({ registry }: Dependencies, run: Run, version: ModelVersion): readonly Component[] {
  const { runs } = registry;
  const parts = runs.partsOf(run.id);
  const executions = runs.executions(run.id);
  const uses = executions.map((execution) => runs.uses(execution.id));
  const made = new Set(uses.flatMap(({ writes }) => writes.map((use) => use.path as string)));
  return executions.map((execution, i) => {
    const { reads = [], writes = [] } = uses[i] ?? {};
    const own = parts.get(execution.step)?.parts ?? {};
    const data = reads.filter((use) => use.dataset !== undefined);
    return {
      step: execution.step,
      role: roleOf(execution, { data, writes }, version),
      command: own.command,
      params: named(own, 'param:'),
      env: named(own, 'env:'),
      code: reads.filter((use) => use.dataset === undefined && !made.has(use.path) && !isOwnPlace(use.path)),
      data,
      writes,
      metrics: runs.metrics(execution.id),
    };
  });
}

/** Infers the role of a step that declares none: it wrote the model, read a dataset, or neither. */
function roleOf(
  { role }: StepExecution,
  { data, writes }: Pick<Component, 'data' | 'writes'>,
  version: ModelVersion,
): Component['role'] {
  if (role !== undefined) return role;
  if (writes.some((use) => use.path === version.path)) return 'train';
  return data.length > 0 ? 'extract' : 'prepare';
}

const named = (parts: Readonly<Record<string, string>>, prefix: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(parts).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  );

function statisticsOf({ registry }: Dependencies, components: readonly Component[]): readonly TableStatistics[] {
  const tables = components.flatMap(({ data, writes }) => [...data, ...writes]);
  return tables.flatMap((use): readonly TableStatistics[] => {
    const profile = registry.profiles.get(use.artifact.hash, 'table');
    if (profile === undefined) return [];
    return [
      {
        path: use.path,
        rows: profile.rows,
        columns: profile.columns.map(({ name, missing, distinct, isDistinctEstimate }) => ({
          name,
          missing,
          distinct,
          distinct_is_estimate: isDistinctEstimate,
        })),
        from: profile.time === undefined ? undefined : profile.time.from,
        to: profile.time === undefined ? undefined : profile.time.to,
      },
    ];
  });
}

function deliveryOf(run: Run, moves: readonly AliasMove[], first: AliasMove | undefined): Delivery {
  const promotions = moves.filter((move) => move.kind === 'promotion');
  const rollbacks = moves.filter((move) => move.kind === 'rollback');
  const spanMs = (moves.at(-1)?.movedAt ?? 0) - (moves[0]?.movedAt ?? 0);
  const restores = rollbacks.flatMap((move) => {
    const undone = moves.findLast((one) => one.generation < move.generation && one.to === move.from);
    return undone === undefined ? [] : [move.movedAt - undone.movedAt];
  });
  const { committedAt } = run.code;
  return {
    ...(first === undefined || committedAt === undefined ? {} : { commitToServingMs: first.movedAt - committedAt }),
    deployments: promotions.length,
    // For a model younger than 30 days this is the plain count.
    deploymentsPer30Days: promotions.length / Math.max(1, spanMs / (30 * DAY_MS)),
    rollbacks: rollbacks.length,
    rollbackRate: promotions.length === 0 ? 0 : rollbacks.length / promotions.length,
    timeToRestoreMs: medianHigh(restores),
  };
}

function sharedData(
  { registry }: Dependencies,
  components: readonly Component[],
  version: ModelVersion,
): readonly string[] {
  const files = components.flatMap(({ data }) => data);
  const runs = new Set(
    files.flatMap(({ artifact }) => registry.runs.readersOf(artifact.hash, READERS).map((reader) => reader.run)),
  );
  const versions = [...runs].flatMap((run) => registry.models.ofRun(run));
  return [...new Set(versions.map((one) => `${one.model}@${one.version}`))].filter(
    (name) => name !== `${version.model}@${version.version}`,
  );
}

/** Where each external input is available now: workspace, store, git or nowhere. */
async function sourcesOf(services: Dependencies, run: Run): Promise<readonly InputSource[]> {
  const { artifacts } = services;
  const inputs = externalInputs(services, run).map(({ use }) => use);
  const now = await artifacts.hash(inputs.map(({ path }) => path));
  const isHeld = await heldByGit(services, run);
  const sources: InputSource[] = [];
  for (const use of inputs) {
    const { path, artifact } = use;
    const isHere = now.get(path)?.hash === artifact.hash;
    const isStored = await artifacts.has(artifact.hash);
    const isInGit = !isStored && (await isHeld(use));
    const from = isHere ? 'workspace' : isStored ? 'store' : isInGit ? 'git' : 'nowhere';
    sources.push({ path, hash: artifact.hash, from, isOnlyHere: isHere && !isStored && !isInGit });
  }
  return sources;
}

/** Checks the stored objects of the version. Files unchanged since their last check are not read again. */
async function integrityOf(
  { artifacts, registry }: Dependencies,
  version: ModelVersion,
  components: readonly Component[],
): Promise<VersionLineage['integrity']> {
  const hashes = new Set<ContentHash>([
    version.hash,
    ...components.flatMap(({ writes }) => writes.map((use) => use.artifact.hash)),
  ]);
  const { upkeep } = registry;
  const needed = [...hashes].filter((hash) => upkeep.collectedAt(hash) === undefined && !upkeep.isElsewhere(hash));
  const objects = await artifacts.upkeep.find(needed);
  const here = new Set(objects.map((object) => object.hash));
  const faults = await artifacts.upkeep.check(objects, { isFast: true });
  return {
    objects: objects.length,
    damaged: [...new Set([...needed.filter((hash) => !here.has(hash)), ...faults.map((fault) => fault.hash)])],
  };
}
