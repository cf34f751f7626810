import type { Failure } from '../../domain/failure.js';
import type { Sources } from '../../domain/ports/sources.js';
import { ok, type Result } from '../../domain/support/result.js';

/**
 * Sources that end in order at a signal: a server is told to stop its query, which would go on for nobody. As long as one is open a signal
 * ends what is waited for, and not refit at once.
 */
export function heedSignals(sources: Sources, { holdSignals }: { readonly holdSignals?: () => () => void }): Sources {
  const held = async <T extends AsyncDisposable>(
    open: () => Promise<Result<T, Failure>>,
  ): Promise<Result<T, Failure>> => {
    const release = holdSignals?.() ?? (() => undefined);
    const opened = await open();
    if (!opened.ok) {
      release();
      return opened;
    }
    const source = opened.value;
    return ok({
      ...source,
      [Symbol.asyncDispose]: async () => {
        await source[Symbol.asyncDispose]();
        release();
      },
    });
  };
  return {
    open: (request) => held(() => sources.open(request)),
    openObjects: (request) => held(() => sources.openObjects(request)),
  };
}
