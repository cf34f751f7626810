import type { Failure } from '../domain/failure.js';
import { messageOf } from '../domain/support/system-error.js';
import { Interrupted, TooLong } from './bounded.js';
import { codeOf, networkReason } from './network-words.js';
import { isTlsError, isWithoutTls } from './postgres-tls.js';
import type { SslMode } from './postgres-url.js';

export interface Where {
  readonly source: string;
  readonly place: string;
  readonly stage: 'connect' | 'read';
  readonly timeoutMs: number;
  /** Errors while connecting. */
  readonly mode?: SslMode;
}

/** What an error of the client or the server means. Its message holds no password; the URL is never part of it. */
export function failureOf(error: unknown, { source, place, stage, timeoutMs, mode }: Where): Failure {
  const message = messageOf(error);
  const state = codeOf(error);
  if (error instanceof Interrupted) return { code: 'source-broken-off', source, place, reason: 'interrupted' };
  if (error instanceof TooLong)
    return stage === 'connect'
      ? { code: 'source-unreachable', source, place, reason: `no answer within ${seconds(error.afterMs)}` }
      : { code: 'source-timed-out', source, place, afterMs: error.afterMs };
  if (state === '57014') return { code: 'source-timed-out', source, place, afterMs: timeoutMs };
  if (/^28/.test(state) || /password must be a string|no password/i.test(message))
    return { code: 'source-login-refused', source, place, reason: message };
  if (state === '42501') return { code: 'source-permission-denied', source, place, reason: message };
  if (stage === 'read' && /^(0A|2[0-7]|4[24]|54|P0|XX)/.test(state))
    return { code: 'source-query-refused', source, reason: message };
  const reason = isTlsError(error) ? tlsReason(error, mode, message) : networkReason(error);
  return stage === 'connect'
    ? { code: 'source-unreachable', source, place, reason }
    : { code: 'source-broken-off', source, place, reason };
}

const tlsReason = (error: unknown, mode: SslMode | undefined, message: string): string =>
  isWithoutTls(error)
    ? `it offers no TLS, which sslmode=${mode} asks for`
    : `TLS was not agreed on, with sslmode=${mode}: ${message}`;

export const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;
