import { userInfo } from 'node:os';
import type { Failure } from '../domain/failure.js';
import type { Env } from './source-url.js';

/** What a URL and the variables of libpq say about a connection. */
export interface PostgresTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** Of the URL, which may hold it in two places. */
  readonly password?: string;
  readonly options?: string;
  readonly application: string;
  readonly isBound: boolean;
  readonly tls: TlsWish;
}

/** `sslmode` of libpq with the files that belong to it. */
export interface TlsWish {
  readonly mode: SslMode;
  readonly root?: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly keyPassword?: string;
}

export type SslMode = (typeof MODES)[number];
const MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

export type UrlProblem = Extract<Failure, { readonly code: 'source-url-invalid' }>['problem'];

/**
 * The variables of libpq that are read, by the URL parameter that each replaces. They set the login and the security of
 * the connection.
 */
const VARIABLES: Readonly<Record<string, string>> = {
  user: 'PGUSER',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
};

/**
 * Parses a URL as libpq does. `variables` fill in what the URL leaves out. They are empty for a URL in a pipeline file,
 * because its author may not be the user who runs it.
 */
export function readTarget(text: string, variables: Env | undefined): PostgresTarget | UrlProblem {
  const url = parse(text);
  if (url === undefined) return 'malformed';
  const given = (name: string): string | undefined => {
    const value = url.searchParams.get(name) ?? variables?.[VARIABLES[name] ?? ''];
    return value === null || value === '' ? undefined : value;
  };
  let part: { user: string; password: string; host: string; database: string };
  try {
    part = partsOf(url);
  } catch {
    return 'malformed';
  }
  // The password in the URL belongs to its user, so a variable applies only if the URL names no user.
  const user = url.searchParams.get('user') || part.user || given('user') || (variables && ownName(variables));
  if (user === undefined || user === '') return 'no-user';
  const port = Number(given('port') ?? (url.port || 5432));
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return 'malformed';
  const tls = tlsOf(given);
  if (typeof tls === 'string') return tls;
  return {
    host: given('host') ?? (part.host || 'localhost'),
    port,
    user,
    database: given('dbname') ?? (part.database || user),
    password: given('password') ?? (part.password || undefined),
    options: given('options'),
    application: given('application_name') ?? 'refit',
    isBound: ['require', 'prefer'].includes(given('channel_binding') ?? ''),
    tls,
  };
}

const EMPTY_HOST = 'no-host.invalid';

/** `postgres:///db` and `postgres://user@/db?host=/run/postgresql` have no host, which the URL parser of Node takes only with one. */
function parse(text: string): URL | undefined {
  const form = text.replace(/^([a-z]+:\/\/(?:[^/?#]*@)?)(?=[/?#]|$)/i, `$1${EMPTY_HOST}`);
  return URL.canParse(form) ? new URL(form) : undefined;
}

const partsOf = ({ username, password, hostname, pathname }: URL) => ({
  user: decodeURIComponent(username),
  password: decodeURIComponent(password),
  host: hostname === EMPTY_HOST ? '' : decodeURIComponent(hostname).replace(/^\[(.+)\]$/, '$1'),
  database: decodeURIComponent(pathname.slice(1)),
});

/** As libpq does: the name of the user's account. A user of a container may have none. */
function ownName(variables: Env): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return variables.USER;
  }
}

function tlsOf(given: (name: string) => string | undefined): TlsWish | UrlProblem {
  const root = given('sslrootcert');
  const isJava = ['true', '1'].includes(given('ssl') ?? '');
  // `no-verify` is what other clients for Node call it.
  const asked = (given('sslmode') ?? (isJava ? 'require' : root === 'system' ? 'verify-full' : 'prefer')).replace(
    /^no-verify$/,
    'require',
  );
  const mode = MODES.find((one) => one === asked);
  if (mode === undefined) return 'bad-sslmode';
  if (root === 'system' && mode !== 'verify-full') return 'bad-sslmode';
  if (mode === 'verify-ca' && root === undefined) return 'no-root';
  const files = { certificate: given('sslcert'), key: given('sslkey'), keyPassword: given('sslpassword') };
  return { mode, root: root === 'system' ? undefined : root, ...files };
}
