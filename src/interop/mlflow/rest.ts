import type { Webhooks } from '../../domain/ports/platform.js';
import type { TrackingServer } from '../../domain/ports/run-tracker.js';
import { decoded } from '../../domain/support/decoded.js';
import { isRecord, type JsonObject } from '../../domain/support/json.js';
import { cut } from './names.js';

/** A server's response. `code` is MLflow's error code. */
export type Answer =
  | { readonly ok: true; readonly body: JsonObject }
  | { readonly ok: false; readonly status?: number; readonly code?: string; readonly problem: string };

export interface Rest {
  readonly get: (endpoint: string, query: Readonly<Record<string, string>>) => Promise<Answer>;
  readonly post: (endpoint: string, body: JsonObject) => Promise<Answer>;
}

const WORDS = 300;

/**
 * The REST API below `/api/2.0/mlflow` of a server. A user name and password in its address are sent as basic authentication.
 * Returns a reason if the address is invalid.
 */
export function createRest({ ask }: Pick<Webhooks, 'ask'>, server: TrackingServer): Rest | string {
  const address = addressOf(server.url);
  if (address === undefined) return 'its address does not begin with https:// or http://';
  const authorization = server.token === undefined ? address.authorization : `Bearer ${server.token}`;
  const call = async (method: 'GET' | 'POST', endpoint: string, query: string, body?: JsonObject): Promise<Answer> => {
    const answered = await ask(`${address.base}/api/2.0/mlflow/${endpoint}${query}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(authorization === undefined ? {} : { authorization }),
      },
      timeoutMs: server.timeoutMs,
      signal: server.signal,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return 'problem' in answered ? { ok: false, problem: answered.problem } : answerOf(endpoint, answered);
  };
  return {
    get: (endpoint, query) => call('GET', endpoint, `?${new URLSearchParams(query)}`),
    post: (endpoint, body) => call('POST', endpoint, '', body),
  };
}

function addressOf(text: string): { readonly base: string; readonly authorization?: string } | undefined {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const base = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  if (url.username === '') return { base };
  const known = `${decoded(url.username)}:${decoded(url.password)}`;
  return { base, authorization: `Basic ${Buffer.from(known).toString('base64')}` };
}

function answerOf(endpoint: string, { status, text }: { readonly status: number; readonly text: string }): Answer {
  const body = parsed(text);
  const isGood = status >= 200 && status < 300;
  if (isGood && body !== undefined) return { ok: true, body };
  if (isGood)
    return { ok: false, status, problem: `what it answered to ${endpoint} is no JSON: is it an MLflow server?` };
  const [code, message] = [body?.error_code, body?.message];
  const reason = [code, message].filter((one) => typeof one === 'string').join(': ');
  return {
    ok: false,
    status,
    ...(typeof code === 'string' ? { code } : {}),
    problem: `it answered ${status} to ${endpoint}${reason === '' ? '' : ` (${cut(reason.replaceAll(/\s+/g, ' '), WORDS)})`}`,
  };
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
