import type { Webhooks } from '../domain/ports/platform.js';

type Call = Parameters<Webhooks['call']>[1];

/** Calls addresses over HTTP. What goes wrong is told without the address: it may be a secret. */
export function createWebhooks(): Webhooks {
  return {
    call: async (url, call) => {
      try {
        const response = await answerOf(url, call);
        // an answer that nobody reads keeps its connection open
        await response.body?.cancel();
        return response.ok ? undefined : `it answered ${response.status}`;
      } catch (error) {
        return problemOf(error, call.timeoutMs);
      }
    },
    ask: async (url, call) => {
      try {
        const response = await answerOf(url, call);
        return { status: response.status, text: await response.text() };
      } catch (error) {
        return { problem: problemOf(error, call.timeoutMs) };
      }
    },
  };
}

const answerOf = (url: string, { method, headers, body, timeoutMs, signal }: Call): Promise<Response> =>
  fetch(url, {
    method,
    headers,
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    ...(body === undefined ? {} : { body }),
  });

function problemOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return 'it could not be called';
  if (error.name === 'TimeoutError') return `no answer in ${timeoutMs} ms`;
  if (error.name === 'AbortError') return 'interrupted';
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : error.name;
  return `it could not be reached (${code})`;
}
