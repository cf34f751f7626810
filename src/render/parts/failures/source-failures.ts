import { listOf, type TextsOf } from './failure-words.js';

/** Failures of databases, object stores, addresses and commands that datasets are read from. */
export const sourceFailures = {
  'source-url-invalid': ({ source, variable, problem }) => {
    const holder = variable === undefined ? 'its URL' : `the variable ${variable}, which should hold its URL,`;
    return {
      what: `${source} cannot be read: ${holder} ${problem === 'unset' ? 'is not set' : 'is no URL of this kind'}`,
      next:
        problem === 'unset'
          ? `set ${variable ?? 'it'}, for example to postgres://user:password@host:5432/database`
          : 'write postgres://user:password@host:5432/database (mysql://, https://, s3://), with %40 for an @ in a password',
    };
  },
  'source-refused': ({ source, reason }) => ({
    what: `${source} was not read from its source: ${reason}`,
    next: 'look at its "source" in the pipeline file; if you trust it, leave --no-commands out',
  }),
  'source-unreachable': ({ source, place, reason }) => ({
    what: `${source}: ${place} cannot be reached: ${reason}`,
    next: 'check the host, the port, the network and whether the server runs; nothing was changed',
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
  'source-columns-changed': ({ source, missing, added, changed }) => ({
    what: `${source} has other columns than its earlier snapshots: missing ${listOf(missing)}, added ${listOf(added)}, of another type ${listOf(changed)}`,
    next: 'name the columns in the query and cast them to the earlier types; a changed query reads all windows again',
  }),
} satisfies Partial<TextsOf>;
