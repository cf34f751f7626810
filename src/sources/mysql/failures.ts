import type { Failure } from '../../domain/failure.js';
import { Interrupted, TooLong } from '../bounded.js';
import { codeOf, networkReason } from '../network-words.js';
import { seconds, type Where } from '../postgres-failures.js';

const LOGIN = new Set([1045, 1130, 1251, 1275, 1698, 1862, 1820, 3118, 4151]);
const PERMISSION = new Set([1044, 1142, 1143, 1227, 1370, 1410]);
/** The limits of MariaDB and MySQL for a statement, and a lock that was waited for. */
const TIME = new Set([1969, 3024, 1205]);
/** Disk, memory, end of the server, a network that broke, a killed query or connection. */
const BROKEN = new Set([
  1021, 1037, 1041, 1053, 1105, 1152, 1158, 1159, 1160, 1161, 1184, 1213, 1317, 1927, 3169, 4031,
]);

const TLS: Readonly<Record<string, string>> = {
  HANDSHAKE_NO_SSL_SUPPORT: 'the URL asks for TLS (ssl-mode), and the server has none',
};

/** What an error of the client or the server means. Its message holds no password; the URL is never part of it. */
export function failureOf(error: unknown, { source, place, stage, timeoutMs }: Where): Failure {
  if (error instanceof Interrupted) return { code: 'source-broken-off', source, place, reason: 'interrupted' };
  if (error instanceof TooLong)
    return stage === 'connect'
      ? { code: 'source-unreachable', source, place, reason: `no answer within ${seconds(error.afterMs)}` }
      : { code: 'source-timed-out', source, place, afterMs: error.afterMs };
  const number = numberOf(error);
  const reason = TLS[codeOf(error)] ?? networkReason(error);
  if (TIME.has(number)) return { code: 'source-timed-out', source, place, afterMs: timeoutMs };
  if (LOGIN.has(number) || codeOf(error) === 'AUTH_SWITCH_PLUGIN_ERROR')
    return { code: 'source-login-refused', source, place, reason };
  if (PERMISSION.has(number)) return { code: 'source-permission-denied', source, place, reason };
  if (stage === 'read' && number > 0 && !BROKEN.has(number)) return { code: 'source-query-refused', source, reason };
  return stage === 'connect'
    ? { code: 'source-unreachable', source, place, reason }
    : { code: 'source-broken-off', source, place, reason };
}

/** The server's number of an error; 0 for those of the client and the network. */
const numberOf = (error: unknown): number =>
  error instanceof Error && 'errno' in error && typeof error.errno === 'number' && 'sqlState' in error
    ? error.errno
    : 0;
