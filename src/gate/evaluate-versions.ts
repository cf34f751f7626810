import type { Failure } from '../domain/failure.js';
import type { Evaluation, ModelVersion } from '../domain/models/model.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import { type EvaluationContext, type ScoredVersion, scoreVersion } from './evaluate-version.js';

type Scores = readonly Result<ScoredVersion, Failure>[];

/**
 * Scores versions and records the results, in the order given. At once, unless `evaluate` writes its table of predictions to a
 * path in the workspace: all versions share that path, so each would read what another has written.
 */
export async function evaluateVersions(
  services: Services,
  versions: readonly ModelVersion[],
  contextOf: (version: ModelVersion) => EvaluationContext,
): Promise<readonly Result<Evaluation, Failure>[]> {
  const [first] = versions;
  if (first === undefined) return [];
  const { pipeline, spec } = contextOf(first);
  const name = `evaluate ${pipeline.name}`;
  const key = JSON.stringify([name, spec.command]);
  const score = (version: ModelVersion) => scoreVersion(services, version, contextOf(version));
  const isKnownToShare = services.memo.read(name, key) === true;
  const tried = isKnownToShare ? await oneByOne(versions, score) : await Promise.all(versions.map(score));
  const isSharing = versions.length > 1 && !isKnownToShare && tried.some((one) => one.ok && one.value.isInWorkspace);
  if (isSharing) services.memo.write(name, key, true);
  const scored = isSharing ? await oneByOne(versions, score) : tried;
  return scored.map((one) => {
    if (!one.ok) return one;
    const { evaluation } = one.value;
    return ok({ ...evaluation, id: services.registry.models.recordEvaluation(evaluation) });
  });
}

async function oneByOne(
  versions: readonly ModelVersion[],
  score: (version: ModelVersion) => Promise<Result<ScoredVersion, Failure>>,
): Promise<Scores> {
  const scored: Result<ScoredVersion, Failure>[] = [];
  for (const version of versions) scored.push(await score(version));
  return scored;
}
