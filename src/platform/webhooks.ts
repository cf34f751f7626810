import type { Webhooks } from '../domain/ports/platform.js';
import type { Answer, ProxiedCall } from './proxy.js';

type Call = Parameters<Webhooks['call']>[1];
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Calls addresses over HTTP, through the proxy that the environment names. What goes wrong is told without the address: it may
 * be a secret.
 */
export function createWebhooks(environment: () => Environment): Webhooks {
  return {
    call: async (url, call) => {
      try {
        const { status } = await answerOf(url, environment(), call);
        return status >= 200 && status < 300 ? undefined : `it answered ${status}`;
      } catch (error) {
        return problemOf(error, call.timeoutMs);
      }
    },
    ask: async (url, call) => {
      try {
        return await answerOf(url, environment(), call);
      } catch (error) {
        return { problem: problemOf(error, call.timeoutMs) };
      }
    },
  };
}

async function answerOf(url: string, env: Environment, { timeoutMs, signal, ...rest }: Call): Promise<Answer> {
  const either = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const { method, headers, body } = rest;
  const call = { method, headers, signal: either, body };
  return (await answerByProxy(url, env, call)) ?? (await answerDirectly(url, call));
}

async function answerDirectly(url: string, call: ProxiedCall): Promise<Answer> {
  const response = await fetch(url, call);
  // read also where nobody looks at it: an answer that is not keeps its connection open
  return { status: response.status, text: await response.text() };
}

/** Loaded where a proxy is named, and only then. */
async function answerByProxy(url: string, env: Environment, call: ProxiedCall): Promise<Answer | undefined> {
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
