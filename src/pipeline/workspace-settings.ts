import type { Failure } from '../domain/failure.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import type { WorkspaceSettings } from './parse/sections/workspace-file.js';

const FILE = 'refit.yaml';

/** Settings of a workspace without `refit.yaml`. */
const NONE: WorkspaceSettings = { resources: {}, channels: [], remotes: {} };

/** The settings in `refit.yaml`. A text that has not changed is not parsed again. */
export async function loadWorkspaceSettings(
  services: Pick<Services, 'files' | 'memo'>,
): Promise<Result<WorkspaceSettings, Failure>> {
  if ((await services.files.stat(FILE)) === undefined) return ok(NONE);
  const text = await services.files.readConfig(FILE);
  if (!text.ok) return text;
  const kept = services.memo.read(FILE, text.value) as WorkspaceSettings | undefined;
  if (kept !== undefined) return ok(kept);
  const { parseWorkspaceFile } = await import('./parse/sections/workspace-file.js');
  const { settings, diagnostics } = parseWorkspaceFile(FILE, text.value);
  if (settings === undefined) return err({ code: 'invalid-pipeline', diagnostics });
  services.memo.write(FILE, text.value, settings);
  return ok(settings);
}
