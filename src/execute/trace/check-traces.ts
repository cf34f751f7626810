import { listFiles } from '../../data/datasets/dataset-files.js';
import type { Diagnostic } from '../../domain/pipeline/diagnostic.js';
import type { Pipeline, Step } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import { partsOf } from '../../pipeline/parse/source/bundle.js';
import { undeclared } from './trace.js';

/** For every traced step: what it read or wrote during the trace and does not declare now. */
export async function checkTraces(
  services: Pick<Services, 'files' | 'registry'>,
  pipeline: Pipeline,
): Promise<readonly Diagnostic[]> {
  const found: Diagnostic[] = [];
  for (const step of pipeline.steps) {
    const trace = services.registry.runs.lastTrace(pipeline.name, step.name);
    if (trace === undefined) {
      found.push(
        diagnosticOf(pipeline, step, {
          code: 'not-traced',
          message: `step "${step.name}" was never traced`,
          suggestion: `refit run ${pipeline.name} --trace --force=${step.declaredName}`,
          severity: 'warning',
        }),
      );
      continue;
    }
    // A step that declares no inputs is never cached, so it may read anything.
    const inputs = step.inputs === undefined ? ['.'] : await placesOf(services, pipeline, step);
    const { reads, writes } = undeclared(step, inputs, trace);
    for (const path of reads)
      found.push(
        diagnosticOf(pipeline, step, {
          code: 'undeclared-read',
          message: `step "${step.name}" read ${path} in run ${trace.run} and does not declare it`,
          suggestion: `add ${path} to its inputs: a change of it must make the step stale`,
          severity: 'error',
        }),
      );
    for (const path of writes)
      found.push(
        diagnosticOf(pipeline, step, {
          code: 'undeclared-write',
          message: `step "${step.name}" wrote ${path} in run ${trace.run} and does not declare it`,
          suggestion: `add ${path} to its outputs, or write it to a temporary folder`,
          severity: 'error',
        }),
      );
  }
  return found;
}

async function placesOf(services: Pick<Services, 'files'>, pipeline: Pipeline, step: Step): Promise<readonly string[]> {
  const places: string[] = [];
  for (const input of step.inputs ?? []) {
    if (input.kind === 'path') places.push(input.path);
    else if (input.kind === 'glob') places.push(...(await services.files.glob([input.pattern])));
    else {
      const dataset = pipeline.datasets.find((one) => one.name === input.name);
      if (dataset !== undefined) places.push(...(await listFiles(services, dataset)));
    }
  }
  return places;
}

/** Points at the step's name in the pipeline's text. */
function diagnosticOf(
  { file, text }: Pipeline,
  { declaredName }: Step,
  what: Pick<Diagnostic, 'code' | 'message' | 'severity'> & { readonly suggestion: string },
): Diagnostic {
  const names = partsOf(file, text).flatMap((part) =>
    part.text.split('\n').map((line, i) => ({ file: part.file, line: i + 1, sourceLine: line })),
  );
  const place = names.find(({ sourceLine }) => sourceLine.trimStart().startsWith(`${declaredName}:`)) ?? names[0];
  const { sourceLine = '', ...at } = place ?? { file, line: 1 };
  const col = sourceLine.length - sourceLine.trimStart().length + 1;
  return { ...what, at: { ...at, col, endCol: col + declaredName.length }, sourceLine };
}
