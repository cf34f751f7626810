import type { Sources } from '../../domain/ports/sources.js';
import { ok } from '../../domain/support/result.js';

/**
 * Sources that end in order at a signal: a server is told to stop its query, which would go on for nobody. As long as one is open a signal
 * ends what is waited for, and not refit at once.
 */
export const heedSignals = (
  sources: Sources,
  { holdSignals }: { readonly holdSignals?: () => () => void },
): Sources => ({
  open: async (request) => {
    const release = holdSignals?.() ?? (() => undefined);
    const opened = await sources.open(request);
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
  },
});
