import type { Sources } from '../domain/ports/sources.js';
import { err } from '../domain/support/result.js';
import type { Env } from './source-url.js';

export interface SourcesContext {
  readonly root: string;
  readonly env: Env;
  readonly signal: AbortSignal;
}

/** Opens remote sources. The client of each kind is loaded when it is first used. */
export const createSources = (context: SourcesContext): Sources => ({
  open: async (request) => {
    const { place } = request.source;
    switch (place.kind) {
      case 'postgres':
        return (await import('./postgres.js')).openPostgres(request, place, context);
      default:
        return err({
          code: 'unsupported',
          what: `reading a dataset with source: ${place.kind}`,
          next: 'bring its rows into files with a step, and name the files in "path"',
        });
    }
  },
});
