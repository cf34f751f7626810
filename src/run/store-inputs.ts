import type { ContentHash } from '../domain/ids.js';
import type { Services } from '../domain/ports/services.js';
import type { ArtifactUse } from '../domain/runs/artifact.js';
import type { Run } from '../domain/runs/run.js';
import type { RunReport } from '../domain/runs/run-report.js';
import { externalInputs, heldByGit } from '../models/external-inputs.js';
import { loadWorkspaceSettings } from '../pipeline/workspace-settings.js';

/** How many bytes of inputs a run stores where `refit.yaml` says nothing. */
const DEFAULT_BYTES = 100e6;

/**
 * Stores the inputs of a run that git does not hold, so that the run can be repeated when its files have changed. The
 * smallest come first, up to the limit of `refit.yaml`: code and settings are small.
 */
export async function storeInputs(services: Services, { run, executions }: RunReport): Promise<void> {
  // Nothing ran, so nothing new was read. In a scratch workspace nothing is repeated later.
  const hasRun = executions.some((one) => one.status !== 'skipped');
  if (!hasRun || services.isScratch === true) return;
  const settings = await loadWorkspaceSettings(services);
  const most = settings.ok ? (settings.value.storedInputBytes ?? DEFAULT_BYTES) : DEFAULT_BYTES;
  if (most === 0) return;
  let left = most;
  const stored: ContentHash[] = [];
  for (const { path, artifact } of await missing(services, run)) {
    if (artifact.size > left) break;
    left -= artifact.size;
    const saved = await services.artifacts.save(path);
    if (saved.ok) stored.push(saved.value.hash);
    else
      services.emit({
        type: 'warning',
        code: 'input-not-stored',
        text: `${path} could not be stored (${saved.error.code}): "refit reproduce" will need the file itself`,
      });
  }
  if (stored.length > 0) services.registry.upkeep.recordStoredInputs(stored);
}

/** Inputs that neither git nor the store holds, smallest first. */
async function missing(services: Services, run: Run): Promise<readonly ArtifactUse[]> {
  const inputs: ArtifactUse[] = [];
  for (const { use } of externalInputs(services, run))
    if (!(await services.artifacts.has(use.artifact.hash))) inputs.push(use);
  if (inputs.length === 0) return [];
  const isHeld = await heldByGit(services, run);
  const held = await Promise.all(inputs.map(isHeld));
  return inputs.filter((_, i) => held[i] !== true).sort((a, b) => a.artifact.size - b.artifact.size);
}
