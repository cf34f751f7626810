import type { CodeChange } from '../domain/decisions/measurements.js';
import type { Failure } from '../domain/failure.js';
import type { RunId } from '../domain/ids.js';
import type { Pipeline, Step } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import { commandText } from './plan/fingerprint.js';
import { readInputs } from './step-inputs.js';

/**
 * Commands, and code inputs (files that no step makes and no dataset holds), that differ from those of the given run.
 */
export async function codeChanges(
  services: Pick<Services, 'registry' | 'artifacts' | 'files'>,
  pipeline: Pipeline,
  run: RunId,
  steps: readonly Step[] = pipeline.steps,
): Promise<Result<readonly CodeChange[], Failure>> {
  const made = new Set(pipeline.steps.flatMap((step) => step.outputs.map((output) => output.path as string)));
  const before = services.registry.runs.partsOf(run);
  const changed = new Map<string, string>();
  for (const step of steps) {
    const then = before.get(step.name)?.parts;
    if (then === undefined) {
      changed.set(`step ${step.name}`, commandText(step.command));
      continue;
    }
    if (then.command !== commandText(step.command)) changed.set(`command of ${step.name}`, commandText(step.command));
    const code = (step.inputs ?? []).filter(
      (input) => input.kind !== 'dataset' && !(input.kind === 'path' && made.has(input.path)),
    );
    const now = await readInputs(services, step.name, code, new Map());
    if (!now.ok) return now;
    for (const [key, hash] of Object.entries(now.value.parts))
      if (then[key] !== hash && !made.has(key.slice('input:'.length))) changed.set(key.slice('input:'.length), hash);
  }
  return ok([...changed].map(([what, hash]) => ({ what, hash })));
}
