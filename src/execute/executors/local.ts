import type { Executor, SubmittedJob } from '../../domain/ports/executors.js';
import type { Services } from '../../domain/ports/services.js';
import { ok } from '../../domain/support/result.js';
import { runStepCommand } from '../containers/run-step-command.js';

/** Runs the command as a child of refit, in its image if it has one. It ends with refit, so nothing is kept to find it again. */
export const createLocalExecutor = (services: Services): Executor => ({
  isLocal: true,
  folderOf: async (_step, _attempt, scratch) => scratch,
  submit: async ({ command, attempt, metricsPath, ...launch }) => {
    const ending = new AbortController();
    if (services.signal.aborted) ending.abort();
    const ended = runStepCommand({ ...services, signal: ending.signal }, { ...launch, attempt }, command);
    const job: SubmittedJob = {
      number: attempt,
      logPath: command.logPath,
      metricsPath,
      watch: () => ended.then(() => undefined),
      cancel: async () => ending.abort(),
      collect: () => ended,
      forget: async () => undefined,
    };
    return ok(job);
  },
});
