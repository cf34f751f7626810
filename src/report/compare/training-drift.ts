import type { Services } from '../../domain/ports/services.js';
import type { Run } from '../../domain/runs/run.js';
import { checkDriftFiles } from '../../drift/check-drift-files.js';
import { referenceHash } from '../../models/champion.js';
import { loadPipeline } from '../../pipeline/load-pipeline.js';
import type { TrainingDrift } from '../views/compare-facts.js';

const unknown = (why: string): TrainingDrift => ({ kind: 'unknown', why });

/** Compares the monitor's reference of both runs, as `check-drift` compares two files. Starts no command. */
export async function trainingDrift(services: Services, before: Run, after: Run): Promise<TrainingDrift> {
  const loaded = await loadPipeline(services, after.pipeline, { isSilent: true });
  if (!loaded.ok) return unknown(`the file of ${after.pipeline} cannot be used: refit validate ${after.pipeline}`);
  const { monitor } = loaded.value.pipeline;
  if (monitor?.reference === undefined) return unknown('the pipeline names no "monitor.reference"');
  const hashes = [before, after].map((run) => referenceHash(services, loaded.value.pipeline, run.id));
  const [reference, current] = hashes;
  if (reference === undefined || current === undefined) return unknown(`a run has not written ${monitor.reference}`);
  if (reference === current) return { kind: 'same' };
  const paths = [await services.artifacts.objectPath(reference), await services.artifacts.objectPath(current)];
  const [old, fresh] = paths;
  if (old === undefined || fresh === undefined)
    return unknown(
      `the store no longer has ${monitor.reference} of ${old === undefined ? before.id : after.id}; "refit pull" may fetch it`,
    );
  const report = await checkDriftFiles(services, {
    reference: [old],
    current: [fresh],
    ignore: monitor.ignore,
    methods: monitor.methods,
  });
  return report.ok
    ? { kind: 'report', report: report.value }
    : unknown(`${monitor.reference} cannot be read as a table`);
}
