import type { Failure } from '../../../domain/failure.js';
import { listOf, type TextsOf } from './failure-words.js';

type UrlProblem = Extract<Failure, { readonly code: 'source-url-invalid' }>['problem'];

const URL_PROBLEMS: Readonly<
  Record<UrlProblem, { readonly what: string; readonly next: (variable: string) => string }>
> = {
  unset: {
    what: 'is not set',
    next: (variable) => `set ${variable}, for example to postgres://user:password@host:5432/database`,
  },
  malformed: {
    what: 'is no URL of this kind',
    next: () => 'write postgres://user:password@host:5432/database, with %40 for an @ in a password',
  },
  'names-files': {
    what: 'names files of this machine (sslrootcert, sslcert, sslkey; for MySQL ssl-ca, ssl-cert, ssl-key, socket), which a URL in a pipeline file may not',
    next: () => 'put the URL into a variable and write url: { from: DATABASE_URL }',
  },
  'unfit-files': {
    what: 'names an sslrootcert, sslcert or sslkey (ssl-ca, ssl-cert or ssl-key) that is no regular file of at most 1 MiB',
    next: () => 'name files with one certificate or key in PEM form each',
  },
  'no-user': {
    what: 'names no user',
    next: () => 'write postgres://user@host:5432/database; for a URL from a variable PGUSER does as well',
  },
  'bad-sslmode': {
    what: 'has an sslmode that does not exist, or does not go with sslrootcert=system',
    next: () =>
      'write sslmode=verify-full (or verify-ca, require, prefer, allow, disable); sslrootcert=system needs verify-full',
  },
  'no-root': {
    what: 'asks for sslmode=verify-ca without sslrootcert, the certificate to trust',
    next: () =>
      'add sslrootcert=/path/of/ca.pem, or write sslmode=verify-full, which trusts the well-known authorities',
  },
  'unknown-setting': {
    what: 'has a parameter, or an ssl-mode, that refit does not know',
    next: () =>
      'of MySQL and MariaDB these are known: ssl-mode (disabled, preferred, required, verify-ca or verify-identity), ssl-ca, ssl-cert, ssl-key and socket',
  },
  'not-encrypted': {
    what: 'begins with http://, which anybody on the way can read and change',
    next: () => 'write https://; http:// is taken for 127.0.0.1 and localhost only',
  },
  'no-key': {
    what: 'names a bucket, and no object in it',
    next: () => 'write s3://bucket/rides/2026-01.parquet, or a pattern: s3://bucket/rides/*.parquet (gs:// for Google)',
  },
  'number-for-name': {
    what: 'asks for ssl-mode=verify-identity, and names its host by a number',
    next: () => 'write the name of the host that stands in its certificate, or ssl-mode=verify-ca',
  },
};

const IN_ONE_FORM =
  'write all times in one form in the query: where datetime(at) >= … with time_format: "%Y-%m-%d %H:%M:%S" (at: the column)';

/** What is compared wrongly, and the line that mends it. */
function timeUnfit(failure: Extract<Failure, { readonly code: 'source-time-unfit' }>) {
  const { source, column, kind, value, bound, format } = failure;
  const time = `${source}: the time "${value}" of column "${column}"`;
  switch (kind) {
    case 'numbers':
      return {
        what: `${source}: the query compares numbers with the bounds of a window, which are texts: no row would be read`,
        next: 'add time_format: seconds (since 1970) or milliseconds to the dataset',
      };
    case 'texts':
      return {
        what: `${source}: the query compares texts with the bounds of a window, which are numbers by "time_format"`,
        next: 'leave "time_format" out, or name the form of the texts, as in "%Y-%m-%d %H:%M:%S"',
      };
    case 'scale':
      return {
        what: `${source}: the query compares numbers that are not ${format} since 1970 ("${column}": ${value})`,
        next: `write time_format: ${format === 'seconds' ? 'milliseconds' : 'seconds'}`,
      };
    case 'uncast':
      return {
        what: `${source}: the column "${column}" holds no times (${format}), so its values are not compared with the bounds of a window as times`,
        next: `make it a time in the query, where it is given and where it is compared: cast(${column} as timestamp), in MySQL cast(${column} as datetime)`,
      };
    case 'unreadable':
      return { what: `${time} is in no form that SQLite orders by time`, next: IN_ONE_FORM };
    case 'misplaced':
      return {
        what: `${time} is compared as text with the bound "${bound}", and falls into a wrong window`,
        next:
          format === undefined
            ? IN_ONE_FORM
            : `add time_format: "${format}" to the dataset; if its times are of several forms, ${IN_ONE_FORM}`,
      };
  }
}

/** Failures of databases, object stores, addresses and commands that datasets are read from. */
export const sourceFailures = {
  'source-url-invalid': ({ source, variable, problem }) => {
    const holder = variable === undefined ? 'its URL' : `the variable ${variable}, which should hold its URL,`;
    const { what, next } = URL_PROBLEMS[problem];
    return { what: `${source} cannot be read: ${holder} ${what}`, next: next(variable ?? 'it') };
  },
  'source-refused': ({ source, reason }) => ({
    what: `${source} was not read from its source: ${reason}`,
    next: 'look at its "source" in the pipeline file; if you trust it, leave --no-commands out',
  }),
  'source-unreachable': ({ source, place, reason, isFile }) => ({
    what: `${source}: ${place} cannot be ${isFile === true ? 'opened' : 'reached'}: ${reason}`,
    next:
      isFile === true
        ? 'correct "path" of the dataset, or put the database there; nothing was changed'
        : 'check the host, the port, the network and whether the server runs; nothing was changed',
  }),
  'source-login-refused': ({ source, place, reason }) => ({
    what: `${source}: ${place} refused the login: ${reason}`,
    next: 'check the user and the password in the variable of "url"',
  }),
  'source-permission-denied': ({ source, place, reason }) => ({
    what: `${source}: ${place} does not allow this user to read: ${reason}`,
    next: 'let an administrator grant SELECT on the tables of the query (for objects: read access)',
  }),
  'source-query-refused': ({ source, reason }) => ({
    what: `${source}: the source does not accept what it was asked: ${reason}`,
    next: 'try the query in the client of the database and correct it in the pipeline file',
  }),
  'source-timed-out': ({ source, place, afterMs }) => ({
    what: `${source}: ${place} gave no answer within ${Math.round(afterMs / 100) / 10} s`,
    next: 'read fewer rows at a time with "every", add an index on the time column, or raise "timeout" of the dataset',
  }),
  'source-broken-off': ({ source, place, reason }) => ({
    what: `${source}: reading from ${place} broke off: ${reason}`,
    next: 'give the same command again; nothing of the part that was read is kept, and windows that were complete are not read again',
  }),
  'source-command-failed': ({ source, reason, tail }) => ({
    what: `${source}: its command failed: ${reason}`,
    lines: tail,
    next: 'run the command by hand; it must write rows and end with 0',
  }),
  'source-value-unfit': ({ source, column, reason, next }) => ({
    what: `${source}: column "${column}" cannot be kept exactly: ${reason}`,
    next: `give it a type in the query: ${next}`,
  }),
  'source-time-unfit': timeUnfit,
  'source-column-missing': ({ source, column, key, columns }) => ({
    what: `${source}: its rows have no column "${column}", which "${key}" names; they have ${listOf(columns)}`,
    next: `add ${column} to what is read, or name one of its columns under "${key}"`,
  }),
  'source-columns-changed': ({ source, missing, added, changed }) => ({
    what: `${source} has other columns than its earlier snapshots: missing ${listOf(missing)}, added ${listOf(added)}, of another type ${listOf(changed)}`,
    next: 'name the columns in the query and cast them to the earlier types; a changed query reads all windows again',
  }),
} satisfies Partial<TextsOf>;
