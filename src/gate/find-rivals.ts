import type { ModelVersion } from '../domain/models/model.js';
import type { Comparator, Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { CHAMPION, championOf, servedBefore } from '../models/champion.js';
import { findVersion } from '../models/find-version.js';
import { parentsOf, scratchTwin } from '../models/parents.js';

export type FoundRival =
  | { readonly kind: 'version'; readonly version: ModelVersion; readonly label: string }
  /** `none`: there is nothing to compare with. `unscored`: a rival was expected, and cannot be scored. */
  | { readonly kind: 'none' | 'unscored'; readonly why: string };

/**
 * The versions that the gate's rules compare the candidate with, by the names that the rules use. Always includes the
 * champion.
 */
export function findRivals(
  services: Pick<Services, 'registry' | 'clock'>,
  pipeline: Pipeline,
  candidate: ModelVersion,
): ReadonlyMap<Comparator, FoundRival> {
  const named = (pipeline.model?.gate ?? []).flatMap((rule) => (rule.kind === 'metric' ? rule.against : []));
  return new Map(
    [...new Set(['champion', ...named])].map((name) => [name, findRival(services, pipeline, candidate, name)]),
  );
}

function findRival(
  services: Pick<Services, 'registry' | 'clock'>,
  pipeline: Pipeline,
  candidate: ModelVersion,
  name: Comparator,
): FoundRival {
  if (name === 'scratch') return findScratch(services, candidate);
  const version = versionOf(services, pipeline, name);
  if (version === undefined)
    return name.includes('@')
      ? { kind: 'unscored', why: `there is no version ${name} in the registry` }
      : {
          kind: 'none',
          why: name === 'champion' ? 'there is no champion yet' : 'no version served before the champion',
        };
  if (version.model === candidate.model && version.version === candidate.version)
    return { kind: 'none', why: `the ${name} is the candidate itself` };
  return { kind: 'version', version, label: name };
}

/** The version that was trained from zero on what the candidate was trained on. */
function findScratch(services: Pick<Services, 'registry' | 'clock'>, candidate: ModelVersion): FoundRival {
  if (parentsOf(services, candidate).length === 0)
    return { kind: 'none', why: 'the candidate was trained from zero itself' };
  const version = scratchTwin(services, candidate);
  return version === undefined
    ? { kind: 'unscored', why: 'no training from zero on the same data succeeded' }
    : { kind: 'version', version, label: 'scratch' };
}

function versionOf(
  services: Pick<Services, 'registry' | 'clock'>,
  pipeline: Pipeline,
  name: Comparator,
): ModelVersion | undefined {
  if (name === 'champion') return championOf(services, pipeline);
  if (name !== 'previous') return findVersion(services, name);
  const { models } = services.registry;
  const model = pipeline.model?.name;
  const before = model === undefined ? undefined : servedBefore(services, models.alias(model, CHAMPION));
  return model === undefined || before === undefined ? undefined : models.get({ model, version: before });
}
