import type { Webhooks } from '../domain/ports/platform.js';

type Environment = Readonly<Record<string, string | undefined>>;
type Http = typeof import('./http.js');

/** Calls addresses over HTTP. Problems are described without the address, which may hold a secret. */
export function createWebhooks(environment: () => Environment): Webhooks {
  let client: ReturnType<Http['createHttpClient']> | undefined;
  const answerOf: Webhooks['ask'] = async (url, call) => {
    // Imported late: undici takes longer to load than most commands take, and most commands call nobody.
    const http = await import('./http.js');
    client ??= http.createHttpClient(environment());
    try {
      return await client(url, call);
    } catch (error) {
      return { problem: problemOf(error, call.timeoutMs, http) };
    }
  };
  return {
    ask: answerOf,
    call: async (url, call) => {
      const answer = await answerOf(url, call);
      if ('problem' in answer) return answer.problem;
      return answer.status >= 200 && answer.status < 300 ? undefined : `it answered ${answer.status}`;
    },
  };
}

function problemOf(error: unknown, timeoutMs: number, { ProxyProblem }: Http): string {
  if (!(error instanceof Error)) return 'it could not be called';
  if (error instanceof ProxyProblem) return error.message;
  if (error.name === 'TimeoutError') return `no answer in ${timeoutMs} ms`;
  if (error.name === 'AbortError') return 'interrupted';
  const origin = firstCause(error);
  const refusal = /^Proxy response \((\d+)\)|^Proxy Authentication Required \((\d+)\)/.exec(origin.message);
  if (refusal !== null) return `it could not be reached (proxy answered ${refusal[1] ?? refusal[2]})`;
  const code = 'code' in origin ? String(origin.code) : error.name;
  return `it could not be reached (${code})`;
}

/** fetch wraps what happened, a refused tunnel even twice. */
const firstCause = (error: Error): Error => (error.cause instanceof Error ? firstCause(error.cause) : error);
