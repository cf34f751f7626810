import type { RunId } from '../domain/ids.js';
import type { RunRecords } from '../domain/ports/records/run-records.js';
import type { Services } from '../domain/ports/services.js';
import type { Run, StepExecution } from '../domain/runs/run.js';
import { isLost } from './is-lost.js';

type Dependencies = Pick<Services, 'registry' | 'processes' | 'locks'>;

/**
 * Services for a command that only reads: runs whose process died, and the steps that they left running, are read as
 * `lost`. Nothing is written; the next command that holds the pipeline's lock records it.
 */
export function showLost<T extends Dependencies>(services: T): T {
  const { runs } = services.registry;
  const lookAgain = (run: Run): Run => (isLost(services, run) ? { ...run, status: 'lost' } : run);
  const executions = (id: RunId): readonly StepExecution[] => {
    const run = runs.get(id);
    const found = runs.executions(id);
    return run !== undefined && isLost(services, run) ? found.map(asLost) : found;
  };
  const seen: RunRecords = {
    ...runs,
    get: (id) => {
      const run = runs.get(id);
      return run === undefined ? undefined : lookAgain(run);
    },
    find: (idOrPrefix) => runs.find(idOrPrefix).map(lookAgain),
    list: (filter) => runs.list(filter).map(lookAgain),
    executions,
  };
  return { ...services, registry: { ...services.registry, runs: seen } };
}

const asLost = (execution: StepExecution): StepExecution =>
  execution.status === 'running' || execution.status === 'pending' ? { ...execution, status: 'lost' } : execution;
