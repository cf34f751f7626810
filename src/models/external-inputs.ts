import type { Services } from '../domain/ports/services.js';
import type { ArtifactUse } from '../domain/runs/artifact.js';
import type { Run } from '../domain/runs/run.js';

export interface RecordedInput {
  readonly step: string;
  readonly use: ArtifactUse;
}

/** What a run read and did not make: each path once, with the first step that read it. */
export function externalInputs({ registry }: Pick<Services, 'registry'>, run: Run): readonly RecordedInput[] {
  const executions = registry.runs.executions(run.id);
  const uses = executions.map((execution) => ({ step: execution.step, ...registry.runs.uses(execution.id) }));
  const made = new Set(uses.flatMap(({ writes }) => writes.map((use) => use.path as string)));
  const inputs = new Map<string, RecordedInput>();
  for (const { step, reads } of uses)
    for (const use of reads) if (!made.has(use.path) && !inputs.has(use.path)) inputs.set(use.path, { step, use });
  return [...inputs.values()];
}

/** Tells for each input whether the commit of the run, with its recorded changes, holds it. */
export async function heldByGit(
  { git, artifacts }: Pick<Services, 'git' | 'artifacts'>,
  { code: { commit, isDirty } }: Run,
): Promise<(use: Pick<ArtifactUse, 'path' | 'artifact'>) => Promise<boolean>> {
  // The recorded changes do not reach into submodules.
  const tracked = commit === undefined ? new Set<string>() : await git.tracked({ commit, withSubmodules: !isDirty });
  return async ({ path, artifact }) => {
    if (tracked.size === 0 || artifact.kind === 'file') return tracked.has(path);
    const members = await artifacts.members(artifact.hash);
    return members?.every((member) => tracked.has(`${path}/${member.path}`)) ?? false;
  };
}
