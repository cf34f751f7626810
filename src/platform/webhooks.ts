import type { Webhooks } from '../domain/ports/platform.js';
import type { Client } from './http.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Calls addresses over HTTP. Problems are described without the address, which may hold a secret. */
export function createWebhooks(environment: () => Environment): Webhooks {
  let client: Client | undefined;
  const ask: Client = async (url, call, isRead) => {
    // Imported late: undici takes longer to load than many commands take, and most commands call nobody.
    const { createHttpClient } = await import('./http.js');
    client ??= createHttpClient(environment());
    return client(url, call, isRead);
  };
  return {
    ask: (url, call) => ask(url, call, true),
    call: async (url, call) => {
      const answer = await ask(url, call, false);
      if ('problem' in answer) return answer.problem;
      return answer.status >= 200 && answer.status < 300 ? undefined : `it answered ${answer.status}`;
    },
  };
}
