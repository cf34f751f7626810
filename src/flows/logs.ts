import type { Failure } from '../domain/failure.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/result.js';
import type { View } from '../domain/view.js';
import { logsView } from '../report/logs-view.js';
import { findRun } from './lists.js';

/** The logs of a run's attempts; of skipped steps there are none. */
export async function readLogs(
  services: Pick<Services, 'registry' | 'files'>,
  id: string,
  step: string | undefined,
): Promise<Result<View, Failure>> {
  const run = findRun(services, id);
  if (!run.ok) return run;
  const executions = services.registry.runs.executions(run.value.id);
  const chosen = executions.filter((one) => step === undefined || one.step === step);
  if (step !== undefined && chosen.length === 0)
    return err({
      code: 'not-found',
      what: 'step',
      name: step,
      available: executions.map((one) => one.step),
      next: `see "refit show ${run.value.id}"`,
    });
  const logs = [];
  for (const execution of chosen)
    for (const attempt of execution.attempts) {
      const text = await services.files.readText(attempt.logPath);
      logs.push({
        step: execution.step,
        attempt: attempt.number,
        path: attempt.logPath,
        lines: text.ok ? text.value.replace(/\n$/, '').split('\n') : ['(the log is gone)'],
      });
    }
  return ok(logsView(run.value.id, logs));
}
