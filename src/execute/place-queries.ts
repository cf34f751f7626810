import { withoutQuarantined } from '../data/datasets/quarantine.js';
import { resolveDataset } from '../data/datasets/resolve-dataset.js';
import type { ResolvedDataset } from '../domain/data/dataset.js';
import type { Failure } from '../domain/failure.js';
import type { Dataset, Step } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { cutOf } from './plan-pipeline.js';
import type { StepContext } from './step-state.js';

/** Copies of queries that this run has made, by name and known parts. Parallel steps share one copy. */
export type PlacedQueries = Map<string, Promise<Result<ResolvedDataset, Failure>>>;

/** The datasets of a step that is about to run, with its queries now copied to files. */
export async function placeQueries(
  services: Services,
  step: Step,
  context: StepContext & { readonly placed: PlacedQueries },
): Promise<Result<StepContext['datasets'], Failure>> {
  const used = namedIn(step);
  const waiting = [...context.datasets.values()].filter((one) => one.isPending === true && used.has(one.name));
  if (waiting.length === 0) return ok(context.datasets);
  const datasets = new Map(context.datasets);
  for (const pending of waiting) {
    const placed = await copyOnce(services, pending, context);
    if (!placed.ok) return placed;
    if (JSON.stringify(placed.value.known) !== JSON.stringify(pending.known))
      return err({ code: 'input-moved', step: step.name, paths: pending.sources });
    datasets.set(pending.name, placed.value);
  }
  return ok(datasets);
}

function copyOnce(
  services: Services,
  pending: ResolvedDataset,
  { pipeline, options, placed }: StepContext & { readonly placed: PlacedQueries },
): Promise<Result<ResolvedDataset, Failure>> {
  const key = JSON.stringify([pending.name, pending.known]);
  const declared = pipeline.datasets.find((one) => one.name === pending.name);
  if (declared === undefined) throw new Error(`internal error: dataset "${pending.name}" is not declared`);
  const copied = placed.get(key) ?? copy(services, declared, { pipeline, options });
  placed.set(key, copied);
  return copied;
}

async function copy(
  services: Services,
  declared: Dataset,
  { pipeline, options }: Pick<StepContext, 'pipeline' | 'options'>,
): Promise<Result<ResolvedDataset, Failure>> {
  const kept = await withoutQuarantined(services, pipeline, declared, options);
  return kept.ok ? resolveDataset(services, kept.value, cutOf(declared, options)) : kept;
}

/** The datasets that a step reads. */
export function namedIn({ inputs, command }: Step): ReadonlySet<string> {
  const templates = command.kind === 'shell' ? [command.script] : command.words;
  return new Set([
    ...(inputs ?? []).flatMap((input) => (input.kind === 'dataset' ? [input.name] : [])),
    ...templates.flatMap((template) =>
      template.flatMap((part) => (part.kind === 'value' && part.ref.kind === 'dataset' ? [part.ref.name] : [])),
    ),
  ]);
}
