import type { OpenHistory } from '../../domain/ports/run-history.js';
import { err, ok } from '../../domain/support/result.js';

/** Most commands read no database of another system: how is loaded with the first. */
export const openMlflowHistory: OpenHistory = async (path) => {
  const { openHistory } = await import('./history.js');
  const opened = openHistory(path);
  return typeof opened === 'string'
    ? err({
        code: 'usage',
        problem: `this is no database of an MLflow server: ${opened}`,
        next: 'name the file of its --backend-store-uri sqlite:///…, mostly mlflow.db',
      })
    : ok(opened);
};
