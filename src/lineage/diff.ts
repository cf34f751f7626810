import { profileArtifact } from '../data/windows/window.js';
import type { Failure } from '../domain/failure.js';
import type { ContentHash } from '../domain/ids.js';
import type { ModelVersion } from '../domain/models/model.js';
import type { Services } from '../domain/ports/services.js';
import type { ArtifactUse } from '../domain/runs/artifact.js';
import type { Run } from '../domain/runs/run.js';
import type { CodeDifference, ComparedRun, DataDifference } from '../domain/runs/run-diff.js';
import { err, ok, type Result } from '../domain/support/result.js';
import type { View } from '../domain/view.js';
import { CHAMPION } from '../models/champion.js';
import { findVersion } from '../models/find-version.js';
import { findRun } from '../run/find-run.js';
import { codeOf, textsOf } from './code-text.js';
import { compareScores } from './compare-scores.js';
import { diffView, type RunDiff } from './views/diff-view.js';
import { unifiedDiff } from './views/text-diff.js';

/**
 * All differences of two runs, or of the runs of two versions. A bare alias such as `@champion` means the model of the other
 * side's pipeline. Fails with `not-found` if a name matches nothing.
 */
export async function diff(services: Services, a: string, b: string): Promise<Result<View, Failure>> {
  const first = a.startsWith('@') ? undefined : findSide(services, a);
  if (first?.ok === false) return first;
  const second = b.startsWith('@') ? undefined : findSide(services, b);
  if (second?.ok === false) return second;
  const one = first ?? aliasBeside(services, a, second?.value.run);
  if (!one.ok) return one;
  const other = second ?? aliasBeside(services, b, one.value.run);
  if (!other.ok) return other;
  return ok(diffView(await differencesOf(services, one.value, other.value)));
}

/** All differences of two runs that are known already. */
export async function differencesOf(services: Services, before: ComparedRun, after: ComparedRun): Promise<RunDiff> {
  return {
    before,
    after,
    pipeline: pipelineDiff(services, before.run, after.run),
    code: await codeDiff(services, before.run, after.run),
    data: await dataDiff(services, before.run, after.run),
    parts: partsOf(services, before.run, after.run),
    scores: await compareScores(services, before, after),
  };
}

/** A run by its id, or a version and the run that made it. */
export function findSide(services: Services, name: string): Result<ComparedRun, Failure> {
  const version = findVersion(services, name);
  if (version !== undefined) return sideOfVersion(services, name, version);
  const run = findRun(services, name);
  return run.ok ? ok(sideOfRun(services, name, run.value)) : run;
}

/** A run with the version that it made, also if an earlier run had made the same bytes. */
export function sideOfRun(services: Services, name: string, run: Run): ComparedRun {
  const { runs, models } = services.registry;
  const [made] = models.ofRun(run.id);
  if (made !== undefined) return sideOf(services, name, run, made);
  const written = runs.executions(run.id).flatMap(({ id }) => runs.uses(id).writes);
  const [same] = written.flatMap(({ path, artifact }) =>
    models.withHash(artifact.hash).filter((version) => version.path === path),
  );
  return sideOf(services, name, run, same);
}

function sideOfVersion(services: Services, name: string, version: ModelVersion): Result<ComparedRun, Failure> {
  const run = services.registry.runs.get(version.run);
  if (run === undefined) throw new Error(`internal error: run ${version.run} of a version is not in the registry`);
  return ok(sideOf(services, name, run, version));
}

/** Resolves a bare alias such as `@champion` to the model that the pipeline of `beside` makes. */
function aliasBeside(services: Services, name: string, beside: Run | undefined): Result<ComparedRun, Failure> {
  const alias = name.slice(1) || CHAMPION;
  const { models, runs } = services.registry;
  const model = models.names().find((one) => {
    const newest = models.versions(one).at(-1);
    return beside === undefined || (newest !== undefined && runs.get(newest.run)?.pipeline === beside.pipeline);
  });
  const version = model === undefined ? undefined : findVersion(services, `${model}@${alias}`);
  if (version !== undefined) return sideOfVersion(services, `${version.model}@${version.version}`, version);
  return err({
    code: 'not-found',
    what: 'version',
    name,
    available: models.names(),
    next: 'name it as model@version; see "refit models"',
  });
}

function sideOf(services: Services, name: string, run: Run, version: ModelVersion | undefined): ComparedRun {
  const { runs, models } = services.registry;
  const gate = version === undefined ? undefined : models.gateVerdicts(version)[0];
  const judged = gate?.candidateEvaluation === undefined ? undefined : models.evaluation(gate.candidateEvaluation);
  const evaluation = judged ?? (version === undefined ? undefined : models.evaluations(version).at(-1));
  return {
    name,
    run,
    executions: runs.executions(run.id),
    metrics: Object.fromEntries(runs.metricsOfRun(run.id).map((point) => [point.key, point.value])),
    version,
    evaluation,
    gate,
  };
}

function pipelineDiff({ registry }: Services, before: Run, after: Run): readonly string[] {
  const [old, fresh] = [before, after].map((run) => registry.runs.definition(run.definitionHash) ?? '');
  return unifiedDiff(old ?? '', fresh ?? '', after.file);
}

async function codeDiff(services: Services, before: Run, after: Run): Promise<readonly CodeDifference[]> {
  const [old, fresh] = [await codeOf(services, before), await codeOf(services, after)];
  const paths = [...new Set([...old.keys(), ...fresh.keys()])]
    .sort()
    .filter((path) => old.get(path) !== fresh.get(path));
  const pick = (files: ReadonlyMap<string, ContentHash>) =>
    paths.flatMap((path) => {
      const hash = files.get(path);
      return hash === undefined ? [] : [{ path, hash }];
    });
  const oldTexts = await textsOf(services, before, pick(old));
  const newTexts = await textsOf(services, after, pick(fresh));
  return paths.map((path) => {
    const [was, is] = [old.get(path), fresh.get(path)];
    const oldText = was === undefined ? '' : oldTexts.get(path);
    const newText = is === undefined ? '' : newTexts.get(path);
    return {
      name: path,
      before: was,
      after: is,
      lines: oldText === undefined || newText === undefined ? [] : unifiedDiff(oldText, newText, path),
    };
  });
}

/** Artifacts of a run by path: datasets that its steps read, and their outputs. */
function artifactsOf(
  { registry }: Services,
  run: Run,
): ReadonlyMap<string, ArtifactUse & { readonly kind: DataDifference['kind'] }> {
  const found = new Map<string, ArtifactUse & { readonly kind: DataDifference['kind'] }>();
  for (const { id } of registry.runs.executions(run.id)) {
    const { reads, writes } = registry.runs.uses(id);
    for (const use of reads) if (use.dataset !== undefined) found.set(use.path, { ...use, kind: 'dataset' });
    for (const use of writes) found.set(use.path, { ...use, kind: 'output' });
  }
  return found;
}

async function dataDiff(services: Services, before: Run, after: Run): Promise<readonly DataDifference[]> {
  const [old, fresh] = [artifactsOf(services, before), artifactsOf(services, after)];
  const paths = [...new Set([...old.keys(), ...fresh.keys()])].sort();
  const found: DataDifference[] = [];
  for (const path of paths) {
    const [was, is] = [old.get(path), fresh.get(path)];
    if (was?.artifact.hash === is?.artifact.hash) continue;
    const profiles =
      was?.rows === undefined || is?.rows === undefined ? undefined : await bothProfiles(services, was, is);
    found.push({
      name: path,
      kind: (is ?? was)?.kind ?? 'input',
      before: was,
      after: is,
      profiles,
    });
  }
  return found;
}

/** Profiles of both tables; undefined if the store no longer has the bytes of one. */
async function bothProfiles(
  services: Services,
  was: ArtifactUse,
  is: ArtifactUse,
): Promise<DataDifference['profiles']> {
  for (const { artifact } of [was, is]) if (!(await services.artifacts.has(artifact.hash))) return undefined;
  const before = await profileArtifact(services, was.artifact.hash);
  const after = await profileArtifact(services, is.artifact.hash);
  return before.ok && after.ok ? { before: before.value, after: after.value } : undefined;
}

/** Fingerprint parts of the steps of both runs. They show changes outside of files: command, declared environment, image. */
function partsOf({ registry }: Services, before: Run, after: Run) {
  const [old, fresh] = [registry.runs.partsOf(before.id), registry.runs.partsOf(after.id)];
  return [...new Set([...old.keys(), ...fresh.keys()])].map((step) => ({
    step,
    before: old.get(step)?.parts,
    after: fresh.get(step)?.parts,
  }));
}
