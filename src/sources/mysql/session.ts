import mysql from 'mysql2';
import type { MysqlAddress } from './url.js';

/**
 * Values arrive in a form that keeps them exact: text for times, large and decimal numbers. The client builds no parser
 * from column names.
 */
const EXACT: mysql.ConnectionOptions = {
  rowsAsArray: true,
  supportBigNumbers: true,
  bigNumberStrings: true,
  dateStrings: true,
  jsonStrings: true,
  disableEval: true,
  timezone: 'Z',
  trace: false,
  connectAttributes: { program_name: 'refit' },
  // The server may not request files of this machine, and statements are parsed as in other clients.
  flags: ['-LOCAL_FILES', '-IGNORE_SPACE'],
};

/** Server modes that change the meaning of quotes, or pad text with blanks. */
const ODD_MODES = new Set(
  'ANSI ANSI_QUOTES NO_BACKSLASH_ESCAPES ORACLE DB2 MSSQL MAXDB POSTGRESQL PAD_CHAR_TO_FULL_LENGTH'.split(' '),
);
/** The server does not know the variable. */
const UNKNOWN_VARIABLE = 1193;

export type Connection = mysql.Connection;

/** A connection that is not yet open. `lost` rejects when it breaks between statements. */
export interface Session {
  readonly connection: Connection;
  readonly lost: Promise<never>;
}

/** Connects with TLS. Without TLS only if the URL allows that and the server has none. */
export async function connect(
  { options, tls }: MysqlAddress,
  { ms, opened }: { readonly ms: number; readonly opened: (connection: Connection) => void },
): Promise<Session> {
  let refused: unknown;
  for (const ssl of tls)
    try {
      const connection = mysql.createConnection({
        ...EXACT,
        ...options,
        ...(ssl === undefined ? {} : { ssl }),
        connectTimeout: ms,
      });
      opened(connection);
      const lost = new Promise<never>((_, reject) => connection.on('error', reject));
      lost.catch(() => undefined);
      await Promise.race([
        lost,
        new Promise<void>((done, fail) => connection.connect((error) => (error ? fail(error) : done()))),
      ]);
      return { connection, lost };
    } catch (error) {
      refused = error;
      if ((error as { code?: string }).code !== 'HANDSHAKE_NO_SSL_SUPPORT') throw error;
    }
  throw refused;
}

/** The first row of a statement that refit itself writes: it has no values. */
export const ask = ({ connection, lost }: Session, sql: string): Promise<readonly unknown[] | undefined> =>
  Promise.race([
    lost,
    new Promise<readonly unknown[] | undefined>((done, fail) =>
      connection.query(sql, (error: Error | null, rows: unknown) =>
        error ? fail(error) : done(Array.isArray(rows) ? (rows[0] as readonly unknown[] | undefined) : undefined),
      ),
    ),
  ]);

/** Prepares a statement with placeholders. The server accepts one statement only, and its values are sent separately. */
export const prepare = ({ connection, lost }: Session, sql: string): Promise<mysql.PrepareStatementInfo> =>
  Promise.race([
    lost,
    new Promise<mysql.PrepareStatementInfo>((done, fail) =>
      connection.prepare(sql, (error, statement) => (error ? fail(error) : done(statement))),
    ),
  ]);

/** Begins a read-only transaction that shows one moment, in UTC, with a time limit for each statement. */
export async function begin(session: Session, timeoutMs: number): Promise<string | undefined> {
  const [version, modes] = (await ask(session, 'select version(), @@sql_mode')) ?? [];
  const kept = String(modes ?? '')
    .split(',')
    .filter((mode) => /^[A-Z0-9_]+$/.test(mode) && !ODD_MODES.has(mode));
  await ask(session, `set session sql_mode = '${kept.join(',')}', time_zone = '+00:00'`);
  const isMaria = /mariadb/i.test(String(version));
  const limit = isMaria ? `max_statement_time = ${timeoutMs / 1000}` : `max_execution_time = ${Math.round(timeoutMs)}`;
  try {
    await ask(session, `set session ${limit}`);
  } catch (error) {
    // Other servers that speak the protocol: refit's own limit holds.
    if ((error as { errno?: number }).errno !== UNKNOWN_VARIABLE) throw error;
  }
  await ask(session, 'set session transaction isolation level repeatable read');
  await ask(session, 'start transaction with consistent snapshot, read only');
  return versionOf(session, isMaria);
}

/** Longer ones are of servers with many histories. */
const MOST_VERSION = 500;

/** The position in the binary log that belongs to the transaction; of MySQL its set of transactions. Absent where none is written. */
async function versionOf(session: Session, isMaria: boolean): Promise<string | undefined> {
  try {
    if (isMaria) {
      const [, file] = (await ask(session, `show status like 'binlog_snapshot_file'`)) ?? [];
      const [, position] = (await ask(session, `show status like 'binlog_snapshot_position'`)) ?? [];
      return file ? `binlog ${String(file)}:${String(position)}`.slice(0, MOST_VERSION) : undefined;
    }
    const [gtid] = (await ask(session, 'select @@global.gtid_executed')) ?? [];
    return gtid ? `gtid ${String(gtid).replaceAll('\n', '')}`.slice(0, MOST_VERSION) : undefined;
  } catch (error) {
    if (typeof (error as { errno?: unknown }).errno !== 'number') throw error;
    return undefined;
  }
}
