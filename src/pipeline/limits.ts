import type { Diagnostic } from '../domain/diagnostic.js';
import type { Pipeline, Step } from '../domain/pipeline.js';
import type { Machine, ResourceLimits } from '../domain/resources.js';
import { createReporter, type Note } from './reporter.js';
import { spellAmount } from './resources.js';
import { readSource } from './source.js';

/**
 * What there is: cpus and memory of the machine, GPUs that an inherited CUDA_VISIBLE_DEVICES lists; refit.yaml overrides
 * cpus and memory, counts GPUs where nothing is inherited, and alone declares everything else.
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

/** As CUDA reads it: entries up to the first that names no device (`-1`, `NoDevFiles`), each counted once. */
function visibleGpus(text: string): readonly string[] {
  const entries = text.split(',').map((entry) => entry.trim());
  const end = entries.findIndex((entry) => !/^(\d+|(GPU|MIG)-\S+)$/.test(entry));
  return [...new Set(end < 0 ? entries : entries.slice(0, end))];
}

/** Every step that asks for more than there is, all at once: it would wait for ever. */
export function checkLimits(pipeline: Pipeline, steps: readonly Step[], limits: ResourceLimits): readonly Diagnostic[] {
  const over = steps.flatMap((step) =>
    Object.entries(step.resources)
      .filter(([name, amount]) => amount > limitOf(limits, name))
      .map(([name, amount]) => ({ step, name, amount })),
  );
  if (over.length === 0) return [];
  const report = createReporter(readSource(pipeline.file, pipeline.text));
  for (const { step, name, amount } of over)
    report.at(['steps', step.declaredName, 'resources', name], tooMuch(step, name, amount, limits));
  return report.diagnostics();
}

const limitOf = ({ amounts }: ResourceLimits, name: string): number =>
  Object.hasOwn(amounts, name) ? (amounts[name] ?? 0) : 0;

function tooMuch(step: Step, name: string, amount: number, limits: ResourceLimits): Note {
  const limit = limitOf(limits, name);
  const there = limit === 0 ? 'there is none' : `there is ${spellAmount(name, limit)}`;
  const lines = `resources: { ${name}: ${spellAmount(name, amount)} }`;
  return {
    code: 'too-few-resources',
    message: `step "${step.name}" asks for ${name}: ${spellAmount(name, amount)}, and ${there}`,
    suggestion:
      name === 'gpus' && limits.gpus.length > 0
        ? `ask for less, or give refit more devices in CUDA_VISIBLE_DEVICES`
        : `ask for less, or declare how much there is in refit.yaml: ${lines}`,
  };
}
