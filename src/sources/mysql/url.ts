import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ConnectionOptions, SslOptions } from 'mysql2';
import type { SourceFailure } from '../../domain/data/source-failure.js';
import { isSmallFile } from '../url-files.js';

type Problem = Extract<SourceFailure, { readonly code: 'source-url-invalid' }>['problem'];

/** A parsed URL. `place` holds neither a user nor a password. */
export interface MysqlAddress {
  readonly place: string;
  readonly options: ConnectionOptions;
  /** Tried in this order. `preferred` falls back to a connection without TLS if the server has none. */
  readonly tls: readonly (SslOptions | undefined)[];
}

const FILES = ['ssl-ca', 'ssl-cert', 'ssl-key', 'socket'] as const;
const MODES = ['disabled', 'preferred', 'required', 'verify-ca', 'verify-identity'] as const;
type Mode = (typeof MODES)[number];
const PORT = 3306;

/**
 * Parses a URL of MySQL. The client would accept any of its settings from a URL, so only the parameters of MySQL's own
 * programs are allowed. A URL in a pipeline file (`isWritten`) may name no files, because its author may not be the user
 * who runs it.
 */
export function readAddress(text: string, { isWritten }: { readonly isWritten: boolean }): MysqlAddress | Problem {
  const url = new URL(text);
  const settings = new Map([...url.searchParams].map(([key, value]) => [key.toLowerCase(), value]));
  if ([...settings.keys()].some((key) => key !== 'ssl-mode' && !(FILES as readonly string[]).includes(key)))
    return 'unknown-setting';
  const files = FILES.flatMap((key) => settings.get(key) ?? []);
  if (files.length > 0 && isWritten) return 'names-files';
  if (!FILES.slice(0, 3).every((key) => settings.get(key) === undefined || isSmallFile(settings.get(key) ?? '')))
    return 'unfit-files';
  const mode = (settings.get('ssl-mode') ?? (settings.has('ssl-ca') ? 'verify-ca' : 'preferred'))
    .toLowerCase()
    .replace('_', '-');
  if (!isMode(mode)) return 'unknown-setting';
  let parts: readonly [user: string, password: string, database: string];
  try {
    parts = [
      decodeURIComponent(url.username),
      decodeURIComponent(url.password),
      decodeURIComponent(url.pathname.slice(1)),
    ];
  } catch {
    return 'malformed';
  }
  const [user, password, database] = parts;
  const host = url.hostname.replace(/^\[|\]$/g, '') || 'localhost';
  const port = Number(url.port || PORT);
  if (mode === 'verify-identity' && isIP(host) !== 0) return 'number-for-name';
  const socketPath = settings.get('socket');
  return {
    place: socketPath === undefined ? `${url.hostname || host}:${port}/${database}` : `${socketPath}/${database}`,
    options: {
      ...(socketPath === undefined ? { host, port } : { socketPath }),
      ...(user === '' ? {} : { user }),
      ...(password === '' ? {} : { password }),
      ...(database === '' ? {} : { database }),
    },
    tls: tlsOf(mode, settings),
  };
}

const isMode = (mode: string): mode is Mode => (MODES as readonly string[]).includes(mode);

function tlsOf(mode: Mode, settings: ReadonlyMap<string, string>): readonly (SslOptions | undefined)[] {
  const bytesOf = (key: string): Buffer | undefined => {
    const path = settings.get(key);
    return path === undefined ? undefined : readFileSync(path);
  };
  if (mode === 'disabled') return [undefined];
  const [ca, cert, key] = [bytesOf('ssl-ca'), bytesOf('ssl-cert'), bytesOf('ssl-key')];
  const tls: SslOptions = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    rejectUnauthorized: mode === 'verify-ca' || mode === 'verify-identity',
    verifyIdentity: mode === 'verify-identity',
  };
  return mode === 'preferred' ? [tls, undefined] : [tls];
}
