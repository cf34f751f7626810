import type { Failure } from '../domain/failure.js';
import type { PipelineName } from '../domain/ids.js';
import type { Services } from '../domain/ports/services.js';
import type { Run } from '../domain/runs/run.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { newestFirst } from '../domain/support/time.js';

/** The newest run of the workspace, wherever a command takes a run. */
const LATEST = 'latest';

/** Runs by id, the beginning of one, or `latest`: the one place that knows these names. Several if a beginning fits several. */
export const runsNamed = ({ registry }: Pick<Services, 'registry'>, name: string): readonly Run[] =>
  name === LATEST ? registry.runs.list({ limit: 1 }) : registry.runs.find(name);

/** Finds one run by its name. */
export function findRun(services: Pick<Services, 'registry'>, id: string): Result<Run, Failure> {
  const found = runsNamed(services, id);
  const newest = services.registry.runs.list({ limit: 5 });
  const [run] = found;
  if (run !== undefined && found.length === 1) return ok(run);
  return err({
    code: 'not-found',
    what: found.length === 0 ? 'run' : 'one run',
    name: id,
    available: (found.length === 0 ? newest : found).map((one) => one.id),
    next: found.length === 0 ? 'see "refit runs"' : 'give more of its id',
  });
}

/** How many of the newest runs are searched for one that is not in the future of the clock. */
const RUNS = 50;

/** The last run of a pipeline. One of a machine whose clock was ahead is the last only if there is no other. */
export const lastRunOf = (
  { registry, clock }: Pick<Services, 'registry' | 'clock'>,
  pipeline: PipelineName,
): Run | undefined =>
  newestFirst(registry.runs.list({ pipeline, limit: RUNS }), (run) => run.startedAt, clock.now())[0];
