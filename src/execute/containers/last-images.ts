import type { StepName } from '../../domain/ids.js';
import { digestIn } from '../../domain/pipeline/container.js';
import type { Pipeline, Step } from '../../domain/pipeline/pipeline.js';
import type { RememberedExecution } from '../../domain/pipeline/plan.js';
import type { Services } from '../../domain/ports/services.js';

/**
 * The ids that the images of these steps had in the newest run that succeeded with them. For commands that start no engine: they
 * cannot know whether the name stands for another image by now.
 */
export function lastImageIds(
  { registry }: Pick<Services, 'registry'>,
  pipeline: Pipeline,
  remembered: ReadonlyMap<StepName, RememberedExecution>,
): ReadonlyMap<string, string> {
  const newest = new Map<string, { readonly execution: number; readonly id: string }>();
  for (const { name, image } of pipeline.steps) {
    if (image === undefined) continue;
    const last = remembered.get(name) ?? registry.runs.lastSuccess(pipeline.name, name);
    const id = last?.parts['image-id'];
    if (last === undefined || id === undefined || last.parts.image !== image) continue;
    if (last.execution > (newest.get(image)?.execution ?? -1)) newest.set(image, { execution: last.execution, id });
  }
  return withDigests(pipeline.steps, new Map([...newest].map(([image, { id }]) => [image, id])));
}

/** An image that is named by its digest has that as its id, wherever it runs and whoever is asked. */
export const withDigests = (
  steps: readonly Pick<Step, 'image'>[],
  ids: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> =>
  new Map([
    ...ids,
    ...steps.flatMap(({ image = '' }) => {
      const digest = digestIn(image);
      return digest === undefined ? [] : [[image, digest] as const];
    }),
  ]);

/** What a plan says about images, which it has not asked the engine for. */
export function imageWarnings(steps: readonly Step[], ids: ReadonlyMap<string, string>): readonly string[] {
  const images = [
    ...new Set(
      steps.flatMap(({ image }) =>
        image !== undefined && ids.has(image) && digestIn(image) === undefined ? [image] : [],
      ),
    ),
  ];
  if (images.length === 0) return [];
  const named = images.map((image) => `${image} (${ids.get(image)?.slice(0, 12)})`).join(', ');
  return [`a plan starts no container engine: it takes ${named} as the last run found it; "refit run" asks the engine`];
}
