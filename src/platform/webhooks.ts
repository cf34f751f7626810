import type { Webhooks } from '../domain/ports/platform.js';

/** Calls addresses over HTTP. What goes wrong is told without the address: it may be a secret. */
export function createWebhooks(): Webhooks {
  return {
    call: async (url, { method, headers, body, timeoutMs, signal }) => {
      try {
        const timeout = AbortSignal.timeout(timeoutMs);
        const response = await fetch(url, {
          method,
          headers,
          signal: AbortSignal.any([signal, timeout]),
          ...(body === undefined ? {} : { body }),
        });
        // an answer that nobody reads keeps its connection open
        await response.body?.cancel();
        return response.ok ? undefined : `it answered ${response.status}`;
      } catch (error) {
        return problemOf(error, timeoutMs);
      }
    },
  };
}

function problemOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return 'it could not be called';
  if (error.name === 'TimeoutError') return `no answer in ${timeoutMs} ms`;
  if (error.name === 'AbortError') return 'interrupted';
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : error.name;
  return `it could not be reached (${code})`;
}
