import type { Sources } from '../domain/ports/sources.js';
import type { Env } from './source-url.js';
import type { Queries } from './sqlite.js';

export interface SourcesContext {
  readonly root: string;
  readonly env: Env;
  readonly signal: AbortSignal;
  readonly queries: Queries;
}

/** Opens remote sources. The client of each kind is loaded when it is first used. */
export const createSources = (context: SourcesContext): Sources => ({
  open: async (request) => {
    const { place } = request.source;
    switch (place.kind) {
      case 'postgres':
        return (await import('./postgres.js')).openPostgres(request, place, context);
      case 'mysql':
        return (await import('./mysql/mysql.js')).openMysql(request, place, context);
      case 'sqlite':
        return (await import('./sqlite.js')).openSqlite(request, place, context);
      case 'command':
        throw new Error('internal error: a command is started by its use case');
    }
  },
});
