import type { OpenHistory } from '../../domain/ports/run-history.js';
import { err, ok } from '../../domain/support/result.js';

/** Loads the MLflow reader on first use, because most commands do not need it. */
export const openMlflowHistory: OpenHistory = async (path) => {
  const { openHistory } = await import('./history.js');
  const opened = openHistory(path);
  return typeof opened === 'string'
    ? err({
        code: 'usage',
        problem: `this is not the database of an MLflow server: ${opened}`,
        next: 'name the file of its --backend-store-uri sqlite:///…, usually mlflow.db',
      })
    : ok(opened);
};
