import type { Webhooks } from '../domain/ports/platform.js';
import type { ProxiedCall } from './proxy.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Calls addresses over HTTP, through the proxy that the environment names. What goes wrong is told without the address: it may
 * be a secret.
 */
export function createWebhooks(environment: () => Environment): Webhooks {
  return {
    call: async (url, { method, headers, body, timeoutMs, signal }) => {
      try {
        const either = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
        const call = { method, headers, signal: either, ...(body === undefined ? {} : { body }) };
        const status = (await callByProxy(url, environment(), call)) ?? (await callDirectly(url, call));
        return status >= 200 && status < 300 ? undefined : `it answered ${status}`;
      } catch (error) {
        return problemOf(error, timeoutMs);
      }
    },
  };
}

async function callDirectly(url: string, call: ProxiedCall): Promise<number> {
  const response = await fetch(url, call);
  // an answer that nobody reads keeps its connection open
  await response.body?.cancel();
  return response.status;
}

/** Loaded where a proxy is named, and only then. */
async function callByProxy(url: string, env: Environment, call: ProxiedCall): Promise<number | undefined> {
  if (!Object.keys(env).some((name) => /^(https?|all)_proxy$/i.test(name))) return undefined;
  const { callThroughProxy, proxyFor } = await import('./proxy.js');
  const proxy = proxyFor(new URL(url), env);
  return proxy === undefined ? undefined : callThroughProxy(new URL(url), proxy, call);
}

function problemOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return 'it could not be called';
  const { cause } = error;
  // a request of node:http wraps why it was aborted, fetch does not
  const names = [error.name, cause instanceof Error ? cause.name : ''];
  if (names.includes('TimeoutError')) return `no answer in ${timeoutMs} ms`;
  if (error.name === 'AbortError') return 'interrupted';
  // fetch wraps what happened, the rest says it itself
  const origin = cause instanceof Error ? cause : error;
  const code = 'code' in origin ? String(origin.code) : error.name;
  return `it could not be reached (${code})`;
}
