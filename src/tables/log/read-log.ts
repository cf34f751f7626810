import type { Failure } from '../../domain/failure.js';
import type { LogCounts, LogRows, LogSpan, LogWindow } from '../../domain/ports/prediction-log.js';
import { ok, type Result } from '../../domain/support/result.js';
import { type Instant, instantOf } from '../../domain/support/time.js';
import { numberOf, requireNumber } from '../connection.js';
import { identifier, literal } from '../quoted.js';
import { namesIn } from './log-sql.js';
import { type LogMeta, type LogTables, readMeta } from './log-tables.js';

/** Numbers of predictions and labels in the log, with the first and the last time. */
export async function countLog(tables: LogTables): Promise<Result<LogCounts, Failure>> {
  const { ask, db } = tables;
  const meta = await readMeta(tables);
  const found = await ask(
    `SELECT count(*)::DOUBLE AS n, count(label)::DOUBLE AS labelled, min(ms)::DOUBLE AS a, max(ms)::DOUBLE AS b,
       (SELECT count(*) FROM ${db}.label)::DOUBLE AS labels FROM ${db}.prediction`,
  );
  if (!found.ok) return found;
  const row = found.value[0] ?? {};
  const [from, to] = [numberOf(row.a), numberOf(row.b)];
  return ok({
    rows: requireNumber(row.n),
    unusable: meta?.unusable ?? 0,
    broken: meta?.broken,
    labels: requireNumber(row.labels),
    labelled: requireNumber(row.labelled),
    unusableLabels: meta?.unusableLabels ?? 0,
    absent: absentColumns(tables, meta),
    ...(from === undefined || to === undefined ? {} : { from: instantOf(from), to: instantOf(to) }),
  });
}

function absentColumns({ sources }: LogTables, meta: LogMeta | undefined): LogCounts['absent'] {
  const { columns = [], available = [] } = meta?.absent ?? {};
  const by = namesIn(sources);
  return columns.map((column) => ({
    column,
    namedBy: sources.segments.includes(column) ? by.segment : by.label,
    available,
  }));
}

function spanSql({ sources }: LogTables, { from, until, segment }: LogSpan): string {
  const column = segment === undefined ? '' : `s${sources.segments.indexOf(segment.column)}`;
  return [
    `ms < ${until}`,
    ...(from === undefined ? [] : [`ms >= ${from}`]),
    ...(segment === undefined ? [] : [`${column} = ${literal(segment.value)}`]),
  ].join(' AND ');
}

/**
 * The windows of a grid that have rows in the span, ordered by time: `windowMs` long, the one with index 0 beginning
 * at `anchor`. With `segment` each value of that column has windows of its own. The checksum changes if a row or a
 * label does.
 */
export async function readWindows(
  tables: LogTables,
  { anchor, windowMs, segment }: { readonly anchor: Instant; readonly windowMs: number; readonly segment?: string },
  span: LogSpan,
): Promise<Result<readonly LogWindow[], Failure>> {
  const column = segment === undefined ? 'NULL' : `s${tables.sources.segments.indexOf(segment)}`;
  const found = await tables.ask(
    `SELECT floor((ms - ${anchor}) / ${windowMs})::DOUBLE AS i, ${column} AS segment, count(*)::DOUBLE AS n,
       count(label)::DOUBLE AS labelled, sum(hash(ms, prediction, label))::VARCHAR AS checksum
     FROM ${tables.db}.prediction WHERE ${spanSql(tables, span)} GROUP BY ALL ORDER BY i, segment`,
  );
  if (!found.ok) return found;
  return ok(
    found.value.map((row) => ({
      index: requireNumber(row.i),
      rows: requireNumber(row.n),
      labelled: requireNumber(row.labelled),
      checksum: String(row.checksum),
      ...(row.segment === null || row.segment === undefined ? {} : { segment: String(row.segment) }),
    })),
  );
}

/** The rows of a span ordered by time: epoch milliseconds, predictions and labels of the same length. A missing label is NaN. */
export async function readRows(tables: LogTables, span: LogSpan): Promise<Result<LogRows, Failure>> {
  const read = await tables.connection.columns(
    `SELECT ms::DOUBLE AS t, prediction AS p, label AS y FROM ${tables.db}.prediction WHERE ${spanSql(tables, span)}
     ORDER BY ms, key, prediction`,
    'predictions',
  );
  if (!read.ok) return read;
  const column = (name: string): Float64Array =>
    Float64Array.from(read.value[name] ?? [], (cell) => (typeof cell === 'number' ? cell : Number.NaN));
  return ok({ time: column('t'), prediction: column('p'), label: column('y') });
}

/** Writes a label of 1 as `1`, not `1.0`. A segment with the name of a column of the log is written as `segment_<name>`. */
export async function writeLabelled(tables: LogTables, span: LogSpan, path: string): Promise<Result<void, Failure>> {
  const taken = ['time', 'key', 'prediction', 'label'];
  const segments = tables.sources.segments.map(
    (name, i) => `, s${i} AS ${identifier(taken.includes(name) ? `segment_${name}` : name)}`,
  );
  const written = await tables.ask(
    `COPY (SELECT strftime(epoch_ms(ms), '%Y-%m-%dT%H:%M:%S.%gZ') AS time, key, prediction,
       regexp_replace(label::VARCHAR, '\\.0$', '') AS label${segments.join('')}
       FROM ${tables.db}.prediction WHERE ${spanSql(tables, span)} AND label IS NOT NULL ORDER BY ms, key, prediction)
     TO ${literal(path)} (FORMAT csv, HEADER)`,
  );
  return written.ok ? ok(undefined) : written;
}
