import type { Webhooks } from '../domain/ports/platform.js';
import type { Download } from '../domain/ports/sources.js';
import type { Client } from './network/http.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Masks the texts in a document: masked as a whole, a secret like `true` would make it invalid. */
function masked(body: string, mask: (text: string) => string): string {
  try {
    return JSON.stringify(JSON.parse(body, (_, value: unknown) => (typeof value === 'string' ? mask(value) : value)));
  } catch {
    return mask(body);
  }
}

/** Calls addresses over HTTP. Problems are described without the address, which may hold a secret; what is sent is masked. */
export function createWebhooks(
  environment: () => Environment,
  mask: (text: string) => string = (text) => text,
): Webhooks {
  let client: Client | undefined;
  const ask: Client = async (url, call, isRead) => {
    // Imported late: undici takes longer to load than many commands take, and most commands call nobody.
    const { createHttpClient } = await import('./network/http.js');
    client ??= createHttpClient(environment());
    return client(url, { ...call, body: call.body === undefined ? undefined : masked(call.body, mask) }, isRead);
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

/** Fetches files of datasets. Loaded late, as the client of webhooks is. */
export const createDownloads =
  (env: Environment): Download =>
  async (call) =>
    (await import('./network/download.js')).createDownload(env)(call);
