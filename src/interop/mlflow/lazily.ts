import type { OpenRunExport } from '../../domain/ports/run-export.js';
import type { OpenHistory } from '../../domain/ports/run-history.js';
import type { RunTracker } from '../../domain/ports/run-tracker.js';
import { err, ok } from '../../domain/support/result.js';
import type { createRunExport } from './export.js';
import type { createRunTracker } from './tracker.js';

/** Loads the MLflow reader on first use, because most commands do not need it. `allowed`: folders that bytes may come from. */
export const openMlflowHistory =
  (allowed: () => readonly string[]): OpenHistory =>
  async (path) => {
    const { openHistory } = await import('./history.js');
    const opened = openHistory(path, allowed());
    if (typeof opened === 'string')
      return err({
        code: 'usage',
        problem: `this is not the database of an MLflow server: ${opened}`,
        next: 'name the file of its --backend-store-uri sqlite:///…, usually mlflow.db',
      });
    if ('fault' in opened)
      return err({
        code: 'integrity',
        what: path,
        expected: 'rows as MLflow writes them',
        found: opened.fault,
        next: 'nothing was imported: remove the row there, or import another copy of the database',
      });
    return ok(opened);
  };

/** Loads the writer of MLflow's folder format on first use. */
export const openMlflowRunExport =
  (...args: Parameters<typeof createRunExport>): OpenRunExport =>
  async (context) =>
    (await import('./export.js')).createRunExport(...args)(context);

/** Loads the client of tracking servers when the first run is logged. */
export function createLazyTracker(...args: Parameters<typeof createRunTracker>): RunTracker {
  let made: Promise<RunTracker> | undefined;
  const tracker = (): Promise<RunTracker> => {
    made ??= import('./tracker.js').then(({ createRunTracker: create }) => create(...args));
    return made;
  };
  return {
    logRun: async (...call) => (await tracker()).logRun(...call),
    setAlias: async (...call) => (await tracker()).setAlias(...call),
    check: async (...call) => (await tracker()).check(...call),
  };
}
