import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Failure } from '../domain/failure.js';
import type { SourcePlace } from '../domain/pipeline/remote-source.js';
import type { OpenSource, Probe, SourceRequest, SourceRows, SourceSpan } from '../domain/ports/sources.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { bounded, Interrupted, TooLong } from './bounded.js';

type Place = Extract<SourcePlace, { kind: 'sqlite' }>;

export interface SqliteWork {
  readonly request: SourceRequest;
  readonly place: Place;
  readonly root: string;
}

export type SqliteCall =
  | { readonly kind: 'open' }
  | { readonly kind: 'probe'; readonly span: SourceSpan }
  | { readonly kind: 'read'; readonly span: SourceSpan; readonly to: string };

/** Is called when a query begins and ends. A query that cannot be stopped never ends. */
export interface Queries {
  readonly began: () => void;
  readonly ended: () => void;
}

interface Context {
  readonly root: string;
  readonly signal: AbortSignal;
  readonly queries: Queries;
}

/** Reads a SQLite file in a separate thread, so that the time limit holds for every query. */
export async function openSqlite(
  request: SourceRequest,
  place: Place,
  { root, signal, queries }: Context,
): Promise<Result<OpenSource, Failure>> {
  const source = `dataset "${request.dataset}"`;
  const { timeoutMs } = request.source;
  const work: SqliteWork = { request, place, root };
  const worker = new Worker(new URL('./sqlite-worker.js', import.meta.url), { workerData: work });
  worker.on('error', () => undefined);
  // Ends the thread, unless it is inside of SQLite: then this never resolves, and only a signal ends the process.
  const end = (): void => void worker.terminate().then(queries.ended);
  const ask = async <T>(call: SqliteCall): Promise<Result<T, Failure>> => {
    queries.began();
    try {
      const answer = once(worker, 'message');
      worker.postMessage(call);
      const [result] = await bounded(answer, { ms: timeoutMs, signal, drop: end });
      queries.ended();
      return result as Result<T, Failure>;
    } catch (error) {
      if (error instanceof TooLong)
        return err({ code: 'source-timed-out', source, place: place.path, afterMs: error.afterMs });
      if (error instanceof Interrupted)
        return err({ code: 'source-broken-off', source, place: place.path, reason: 'interrupted' });
      queries.ended();
      throw error;
    }
  };
  const close = async (): Promise<void> => void worker.terminate();
  const opened = await ask<undefined>({ kind: 'open' });
  if (!opened.ok) {
    await close();
    return opened;
  }
  return ok({
    place: place.path,
    probe: (span) => ask<Probe>({ kind: 'probe', span }),
    read: (span, to) => ask<SourceRows>({ kind: 'read', span, to }),
    [Symbol.asyncDispose]: close,
  });
}
