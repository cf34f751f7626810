import type { Cut } from '../data/datasets/dataset-files.js';
import { withoutQuarantined } from '../data/datasets/quarantine.js';
import { resolveDataset } from '../data/datasets/resolve-dataset.js';
import { datasetTable, keptOut, windowCut } from '../data/windows/window.js';
import type { Failure } from '../domain/failure.js';
import type { MonitorSpec, Pipeline } from '../domain/pipeline/pipeline.js';
import type { TableSource } from '../domain/ports/datasets.js';
import type { Services } from '../domain/ports/services.js';
import type { Result } from '../domain/support/result.js';
import type { When } from '../domain/when.js';
import { runStepInScratch } from '../execute/attempt/scratch-step.js';

/**
 * Passes on the current window as the monitor declares it, prepared by its `prepare` step if it has one. Removes what
 * that step made afterwards.
 */
export async function withCurrent<T>(
  services: Services,
  options: {
    readonly pipeline: Pipeline;
    readonly monitor: MonitorSpec;
    readonly when: When;
    /** Other rows than those of the current window. */
    readonly cut?: Cut;
  },
  use: (source: TableSource) => Promise<Result<T, Failure>>,
): Promise<Result<T, Failure>> {
  const { pipeline, monitor, when } = options;
  const { current } = monitor;
  const dataset = pipeline.datasets.find((one) => one.name === current?.dataset);
  if (current === undefined || dataset === undefined)
    throw new Error('internal error: monitor.current is not declared');
  const cut = options.cut ?? windowCut(current.windowMs, when.now);
  if (current.prepare === undefined) {
    const table = await datasetTable(services, dataset, cut);
    return table.ok ? use(table.value) : table;
  }
  const step = pipeline.steps.find((one) => one.name === current.prepare);
  const output = step?.outputs.find((one) => one.path === monitor.reference) ?? step?.outputs[0];
  if (step === undefined || output === undefined) throw new Error('internal error: the prepare step has no output');
  const kept = await withoutQuarantined(services, pipeline, dataset, when);
  if (!kept.ok) return kept;
  const resolved = await resolveDataset(services, kept.value, cut);
  if (!resolved.ok) return resolved;
  const ran = await runStepInScratch(services, pipeline, step, {
    datasets: new Map([[dataset.name, resolved.value]]),
    now: when.now,
  });
  if (!ran.ok) return ran;
  const made = ran.value.outputs.get(output.path) ?? output.path;
  const from: TableSource['from'] = { kind: 'files', paths: [services.files.absolute(made)] };
  const used = await use({ from, ...keptOut(monitor, dataset) });
  await services.files.remove(ran.value.scratch);
  return used;
}
