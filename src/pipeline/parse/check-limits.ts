import type { Diagnostic } from '../../domain/pipeline/diagnostic.js';
import type { Pipeline, Step } from '../../domain/pipeline/pipeline.js';
import type { ResourceLimits } from '../../domain/pipeline/resources.js';
import { createReporter, type Note } from './collect-diagnostics.js';
import { readFiles } from './parse-pipeline.js';
import { asksForTooMuch, limitOf } from './sections/limits.js';
import { spellAmount } from './sections/resources.js';

/** Reports every step that asks for more of a resource than there is, because it would wait for ever. */
export function checkLimits(pipeline: Pipeline, steps: readonly Step[], limits: ResourceLimits): readonly Diagnostic[] {
  const over = steps.flatMap((step) => asksForTooMuch(step, limits).map(([name, amount]) => ({ step, name, amount })));
  if (over.length === 0) return [];
  const report = createReporter(readFiles(pipeline.file, pipeline.text));
  for (const { step, name, amount } of over)
    report.at(['steps', step.declaredName, 'resources', name], tooMuch(step, name, amount, limits));
  return report.diagnostics();
}

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
