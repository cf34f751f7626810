import type { Failure } from '../domain/failure.js';
import type { Services } from '../domain/ports/services.js';
import type { Run } from '../domain/runs/run.js';
import { err, ok, type Result } from '../domain/support/result.js';

/** Finds a run by its id or the beginning of it. `latest` is the newest run. */
export function findRun(services: Pick<Services, 'registry'>, id: string): Result<Run, Failure> {
  const { runs } = services.registry;
  const newest = runs.list({ limit: 5 });
  const found = id === 'latest' ? newest.slice(0, 1) : runs.find(id);
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
