import type { Step } from '../../../domain/pipeline/pipeline.js';
import type { Machine, ResourceLimits } from '../../../domain/pipeline/resources.js';

/**
 * The available resources. By default: cpus and memory of the machine, and the GPUs in an inherited
 * CUDA_VISIBLE_DEVICES. refit.yaml overrides cpus and memory, sets the number of GPUs if nothing is inherited, and is
 * the only source for other resources.
 */
export function resourceLimits(
  declared: Readonly<Record<string, number>>,
  machine: Machine,
  inheritedGpus: string | undefined,
): ResourceLimits {
  const gpus =
    inheritedGpus === undefined
      ? Array.from({ length: declared.gpus ?? 0 }, (_, i) => String(i))
      : visibleGpus(inheritedGpus);
  return {
    amounts: { cpus: machine.cpus, memory: machine.memoryBytes, ...declared, gpus: gpus.length },
    gpus,
  };
}

/**
 * Parses CUDA_VISIBLE_DEVICES as CUDA does: entries up to the first that names no device (`-1`, `NoDevFiles`), each
 * counted once.
 */
function visibleGpus(text: string): readonly string[] {
  const entries = text.split(',').map((entry) => entry.trim());
  const end = entries.findIndex((entry) => !/^(\d+|(GPU|MIG)-\S+)$/.test(entry));
  return [...new Set(end < 0 ? entries : entries.slice(0, end))];
}

/** The resources of which a step asks for more than there is. */
export const asksForTooMuch = (step: Step, limits: ResourceLimits): readonly (readonly [string, number])[] =>
  Object.entries(step.resources).filter(([name, amount]) => amount > limitOf(limits, name));

export const limitOf = ({ amounts }: ResourceLimits, name: string): number =>
  Object.hasOwn(amounts, name) ? (amounts[name] ?? 0) : 0;
