import { keptOut, profileArtifact } from '../data/windows/window.js';
import type { TableProfile } from '../domain/data/profile.js';
import type { Failure } from '../domain/failure.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { JsonObject } from '../domain/support/json.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { toIso } from '../domain/support/time.js';
import type { When } from '../domain/when.js';
import { type ChosenReference, chooseReference } from './choose-reference.js';
import { withCurrent } from './current-window.js';
import { PROFILE_FILE } from './profile-file.js';

export interface ExportedProfile {
  readonly of: ChosenReference['of'];
  readonly source: string;
  readonly profile: TableProfile;
  /** The text of the file. */
  readonly text: string;
}

/** The profile of a pipeline's reference, to be compared with where its rows may not be. */
export async function exportProfile(
  services: Services,
  pipeline: Pipeline,
  when: When,
): Promise<Result<ExportedProfile, Failure>> {
  const { monitor } = pipeline;
  const chosen = monitor?.current === undefined ? ok('no-reference') : await chooseReference(services, pipeline, when);
  if (!chosen.ok) return chosen;
  if (monitor === undefined || typeof chosen.value === 'string')
    return err({
      code: 'not-found',
      what: 'reference of',
      name: pipeline.name,
      available: [],
      next: `"refit check-drift ${pipeline.name}" says what is missing: ${typeof chosen.value === 'string' ? chosen.value : 'monitor'}`,
    });
  const { of, source } = chosen.value;
  const profiled = await profileOf(services, pipeline, when, chosen.value);
  if (!profiled.ok) return profiled;
  const profile = profiled.value;
  const document: JsonObject = {
    refit_profile: PROFILE_FILE,
    pipeline: pipeline.name,
    reference: { of, source },
    made_at: toIso(services.clock.now()),
    profile: JSON.parse(JSON.stringify(profile)),
  };
  return ok({ of, source, profile, text: `${JSON.stringify(document)}\n` });
}

async function profileOf(
  services: Services,
  pipeline: Pipeline,
  when: When,
  chosen: ChosenReference,
): Promise<Result<TableProfile, Failure>> {
  const { monitor } = pipeline;
  if (monitor === undefined) throw new Error('internal error: a reference without a monitor');
  const dataset = pipeline.datasets.find((one) => one.name === monitor.current?.dataset);
  if (chosen.kind === 'stored') return profileArtifact(services, chosen.hash, keptOut(monitor, dataset));
  return withCurrent(services, { pipeline, monitor, when, cut: chosen.cut }, (rows) =>
    services.datasets.profile({
      ...rows,
      without: [...(rows.without ?? []), ...(rows.timeColumn === undefined ? [] : chosen.without)],
    }),
  );
}
