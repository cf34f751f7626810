import type { Diagnostic } from '../domain/pipeline/diagnostic.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { suggestOne } from '../domain/support/near-miss.js';
import { linesOf } from './parse/source/bundle.js';
import { loadWorkspaceSettings } from './workspace-settings.js';

/** An error for each step that names a profile of Slurm which refit.yaml does not have. */
export async function missingProfiles(
  services: Pick<Services, 'files' | 'memo'>,
  { steps, text }: Pick<Pipeline, 'steps' | 'text'>,
): Promise<readonly Diagnostic[]> {
  const named = new Map(
    steps.filter(({ executor }) => executor.includes(':')).map((step) => [step.declaredName, step]),
  );
  if (named.size === 0) return [];
  const settings = await loadWorkspaceSettings(services);
  // What is wrong with refit.yaml itself is reported at its own place.
  if (!settings.ok) return [];
  const profiles = Object.keys(settings.value.executors?.slurm?.profiles ?? {});
  return [...named.values()].flatMap(({ executor, declaredName, at }): readonly Diagnostic[] => {
    const [engine, profile = ''] = executor.split(':');
    if (profiles.includes(profile)) return [];
    return [
      {
        severity: 'error',
        code: 'unknown-profile',
        message: `step "${declaredName}" has executor ${executor}, and refit.yaml has no profile "${profile}" of ${engine}`,
        suggestion: suggestOne(profile, profiles, 'profiles'),
        at,
        sourceLine: linesOf(text)(at),
      },
    ];
  });
}
