import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { TlsWish } from './postgres-url.js';

/** How one connection is made: `false` without TLS. */
export type Tls = false | ConnectionOptions;

/** The files that TLS needs. */
export const filesOf = ({ root, certificate, key }: TlsWish): readonly string[] =>
  [root, certificate, key].flatMap((path) => path ?? []);

/**
 * The connections that are tried for an `sslmode`, in their order, as libpq does (PostgreSQL 15, section 34.19). A server is verified
 * where a root certificate is given, or with `verify-full`, then by the authorities that Node knows.
 */
export function connectionsOf(wish: TlsWish, host: string): readonly Tls[] {
  // TLS is not used on a socket of the file system.
  if (host.startsWith('/') || wish.mode === 'disable') return [false];
  const tls: ConnectionOptions = {
    ca: read(wish.root),
    cert: read(wish.certificate),
    key: read(wish.key),
    passphrase: wish.keyPassword,
    rejectUnauthorized: wish.root !== undefined || wish.mode === 'verify-full',
    ...(wish.mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  };
  if (wish.mode === 'allow') return [false, tls];
  return wish.mode === 'prefer' ? [tls, false] : [tls];
}

const read = (path: string | undefined): string | undefined =>
  path === undefined ? undefined : readFileSync(path, 'utf8');

/** Whether a server may take another kind of connection after this error: it refused this kind, not the user or the database. */
export function mayTakeOther(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return isTlsError(error) || code === '28000';
}

/** No TLS was agreed on, or the certificate is not trusted. */
export function isTlsError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return (
    isWithoutTls(error) ||
    /^ERR_(TLS|SSL|OSSL)|^EPROTO$|CERT|^UNABLE_TO_|^CRL_|SIGNATURE|^HOSTNAME_MISMATCH$/.test(code)
  );
}

/** The client's message when the server refuses TLS. */
export const isWithoutTls = (error: unknown): boolean =>
  error instanceof Error && /does not support SSL|establishing an SSL connection/.test(error.message);
