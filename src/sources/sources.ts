import type { Download, OpenBucket, OpenDatabase, Sources } from '../domain/ports/sources.js';
import type { Env } from './source-url.js';
import type { Queries } from './sqlite.js';

export interface SourcesContext {
  readonly root: string;
  readonly env: Env;
  readonly signal: AbortSignal;
  readonly queries: Queries;
  readonly openDatabase: OpenDatabase;
  readonly download: Download;
  readonly openBucket: OpenBucket;
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
      case 'duckdb':
        return context.openDatabase({ ...request, path: place.path, query: place.query });
      case 'command':
        throw new Error('internal error: a command is started by its use case');
      default:
        throw new Error('internal error: objects are no answers to questions');
    }
  },
  openObjects: async (request) => {
    const { place } = request;
    return place.kind === 'https'
      ? (await import('./objects/https.js')).openHttps(request, place, context)
      : (await import('./objects/bucket.js')).openBucketObjects(request, place, context);
  },
});
