import type { Check } from '../domain/check.js';
import type { Failure } from '../domain/failure.js';
import type { Diagnostic } from '../domain/pipeline/diagnostic.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import type { View } from '../domain/view.js';
import { datasetsOutside } from './datasets-outside.js';
import { executorFaults } from './executor-faults.js';
import { filesLeftOut } from './files-left-out.js';
import { checkPipeline, listPipelineFiles } from './load-pipeline.js';
import { manyWindows } from './many-windows.js';
import { missingEnvironments } from './missing-environments.js';
import { missingValues } from './missing-values.js';
import { sharedCheckpoints } from './shared-checkpoints.js';
import { readablePipelines, sharedNames } from './shared-names.js';
import { undeclaredScripts } from './undeclared-scripts.js';
import { validateChecks } from './views/validate-checks.js';
import { validateView } from './views/validate-view.js';
import { loadWorkspaceSettings } from './workspace-settings.js';

/** Checks for files that traced steps opened without declaring them. */
export type CheckTraces = (
  services: Pick<Services, 'files' | 'registry'>,
  pipeline: Pipeline,
) => Promise<readonly Diagnostic[]>;

export interface Validation {
  readonly view: View;
  readonly diagnostics: readonly Diagnostic[];
  readonly isValid: boolean;
  readonly checks: readonly Check[];
}

/** Checks the named pipelines, or all of them, and the settings of the workspace. Runs nothing. */
export async function validatePipelines(
  services: Pick<
    Services,
    'files' | 'memo' | 'registry' | 'warn' | 'datasets' | 'environments' | 'clock' | 'surroundings'
  >,
  names: readonly string[],
  { profile, checkTraces }: { readonly profile?: string; readonly checkTraces?: CheckTraces },
): Promise<Result<Validation, Failure>> {
  const files = [];
  const all = await readablePipelines(services);
  for (const name of names.length > 0 ? names : await listPipelineFiles(services)) {
    const checked = await checkPipeline(services, name, profile === undefined ? {} : { profile });
    if (!checked.ok) return checked;
    const { pipeline, diagnostics } = checked.value;
    files.push({
      file: pipeline?.file ?? diagnostics[0]?.at.file ?? name,
      steps: pipeline?.steps.length ?? 0,
      diagnostics: [
        ...diagnostics,
        ...(pipeline === undefined ? [] : sharedNames(pipeline, all)),
        ...(pipeline === undefined ? [] : sharedCheckpoints(services, pipeline, all)),
        ...(pipeline === undefined ? [] : datasetsOutside(services, pipeline)),
        ...(pipeline === undefined ? [] : await filesLeftOut(services, pipeline)),
        ...(pipeline === undefined ? [] : manyWindows(pipeline, services.clock.now())),
        ...(pipeline === undefined ? [] : missingEnvironments(services, pipeline)),
        ...(pipeline === undefined ? [] : await executorFaults(services, pipeline)),
        ...(pipeline === undefined ? [] : await missingValues(services, pipeline)),
        ...(pipeline === undefined ? [] : await undeclaredScripts(services, pipeline)),
        ...(checkTraces !== undefined && pipeline !== undefined ? await checkTraces(services, pipeline) : []),
      ],
    });
  }
  // Also for a named pipeline: `run` refuses wrong settings.
  const settings = await loadWorkspaceSettings(services);
  if (!settings.ok) {
    if (settings.error.code !== 'invalid-pipeline') return settings;
    files.push({ file: 'refit.yaml', steps: 0, diagnostics: settings.error.diagnostics });
  }
  const diagnostics = files.flatMap((one) => one.diagnostics);
  return ok({
    view: validateView(files),
    checks: validateChecks(files),
    diagnostics,
    isValid: diagnostics.every((one) => one.severity !== 'error'),
  });
}
