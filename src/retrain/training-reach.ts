import { datasetTable, profileArtifact } from '../data/windows/window.js';
import type { Dataset, Pipeline, Step } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { type Instant, instantOf } from '../domain/support/time.js';
import type { When } from '../domain/when.js';
import { championOf, referenceHash } from '../models/champion.js';

/**
 * The moment before which the next training reads no row of a dataset. `undefined` if that is not known: then it may
 * read them all. It is known if the dataset has a longest window, or if all rows reach the model by way of the monitored reference, and the champion's copy of
 * it began later than the dataset did: then a step takes only the newest rows.
 */
export async function trainingReach(
  services: Services,
  pipeline: Pipeline,
  dataset: Dataset,
  when: When,
): Promise<Instant | undefined> {
  const byWindow = longestReach(dataset, when);
  if (byWindow !== undefined) return byWindow;
  const champion = championOf(services, pipeline, when);
  if (champion === undefined || dataset.time === undefined || !isReadByReference(pipeline, dataset.name))
    return undefined;
  const hash = referenceHash(services, pipeline, champion.run);
  const read = hash === undefined ? undefined : await profileArtifact(services, hash);
  const profile = read?.ok === true ? read.value : undefined;
  const run = services.registry.runs.get(champion.run);
  if (profile?.time?.column !== dataset.time || run === undefined) return undefined;
  const table = await datasetTable(services, dataset, { until: run.now });
  const range = table.ok ? await services.datasets.timeRange(table.value) : undefined;
  const oldest = range?.ok === true ? range.value?.from : undefined;
  const isBounded = oldest !== undefined && oldest < profile.time.from;
  return isBounded ? instantOf(when.now - (run.now - profile.time.from)) : undefined;
}

/** With a window, no training reads older rows, whatever its verdict will be. */
function longestReach({ window }: Dataset, { now }: When): Instant | undefined {
  const ms = window?.kind === 'fixed' ? window.lengthMs : window?.maxMs;
  return ms === undefined ? undefined : instantOf(now - ms);
}

/** Whether every step between the dataset and the model takes the dataset's rows from the reference. */
function isReadByReference({ steps, model, monitor }: Pipeline, dataset: string): boolean {
  const reference = monitor?.reference;
  const maker = steps.find((step) => step.outputs.some((output) => output.path === reference));
  const last = steps.find((step) => step.outputs.some((output) => output.path === model?.path));
  if (maker === undefined || last === undefined || maker === last) return false;
  const before = upstreamOf(steps, maker);
  const others = upstreamOf(steps, last).filter((step) => !before.includes(step));
  const reads = (step: Step, is: (input: NonNullable<Step['inputs']>[number]) => boolean): boolean =>
    step.inputs === undefined || step.inputs.some(is);
  return (
    others.some((step) => reads(step, (input) => input.kind === 'path' && input.path === reference)) &&
    !others.some((step) => reads(step, (input) => input.kind === 'dataset' && input.name === dataset))
  );
}

/** The step and all steps before it. */
function upstreamOf(steps: readonly Step[], last: Step): readonly Step[] {
  const found = new Set<Step>([last]);
  for (const step of found)
    for (const name of step.dependsOn) {
      const one = steps.find((other) => other.name === name);
      if (one !== undefined) found.add(one);
    }
  return [...found];
}
