import { rmSync } from 'node:fs';
import type { Failure } from '../domain/failure.js';
import type {
  LogCounts,
  LogRows,
  LogSpan,
  LogWindow,
  PredictionLog,
  PredictionSources,
} from '../domain/ports/prediction-log.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { type Instant, instantOf } from '../domain/support/time.js';
import { type Connection, numberOf, requireNumber } from './connection.js';
import { type Broken, brokenIn, sumBroken } from './log-faults.js';
import { newSince, type ReadSource, removeCopies, type ToRead } from './log-files.js';
import { keySql, logTable, numberSql, requireColumns, timeSql } from './log-sql.js';
import { identifier, literal } from './quoted.js';
import { sqlFault } from './sql/user-sql.js';

/** Version of the tables below and of how text is read. With another number everything is read again. */
const FORMAT = 2;

let opened = 0;

type Ask = (sql: string) => Promise<Result<readonly Readonly<Record<string, unknown>>[], Failure>>;

interface Tables {
  readonly connection: Connection;
  readonly sources: PredictionSources;
  /** Name of the attached database. */
  readonly db: string;
  readonly ask: Ask;
}

/**
 * Opens the joined log and brings it up to date. `place` is an absolute path for a DuckDB file that caches it; a damaged file
 * or one of other columns is made anew. Without `place`, or while another process has the file open, it is made in memory.
 */
export async function openPredictionLog(
  connection: Connection,
  sources: PredictionSources,
  place?: string,
): Promise<Result<PredictionLog, Failure>> {
  const db = `log_${opened++}`;
  const ask: Ask = (sql) => connection.query(sql, 'predictions');
  const attached = await attach(ask, db, place);
  if (!attached.ok) return attached;
  const tables: Tables = { connection, sources, db, ask };
  const done = await bringUpToDate(tables);
  if (!done.ok) {
    await ask(`DETACH ${db}`);
    return done;
  }
  return ok({
    counts: () => counts(tables),
    windows: (grid, span) => windows(tables, grid, span),
    rows: (span) => rows(tables, span),
    writeLabelled: (span, path) => writeLabelled(tables, span, path),
    [Symbol.asyncDispose]: async () => void (await ask(`DETACH ${db}`)),
  });
}

async function attach(ask: Ask, db: string, place: string | undefined): Promise<Result<unknown, Failure>> {
  if (place === undefined) return ask(`ATTACH ':memory:' AS ${db}`);
  const kept = await ask(`ATTACH ${literal(place)} AS ${db}`);
  if (kept.ok) return kept;
  const isLocked = kept.error.code === 'data-unreadable' && /lock/i.test(kept.error.reason);
  if (!isLocked) {
    for (const file of [place, `${place}.wal`]) rmSync(file, { force: true });
    const again = await ask(`ATTACH ${literal(place)} AS ${db}`);
    if (again.ok) return again;
  }
  return ask(`ATTACH ':memory:' AS ${db}`);
}

/** The tables are only valid for these names. */
const signatureOf = ({ predictions: { paths: _, ...names }, labels, segments }: PredictionSources): string =>
  JSON.stringify([
    FORMAT,
    names,
    segments,
    labels === undefined ? null : [labels.from, labels.label, 'key' in labels ? labels.key : null],
  ]);

interface Meta {
  readonly signature: string;
  readonly isClean: boolean;
  readonly unusable: number;
  readonly unusableLabels: number;
  readonly identity: string;
  readonly broken?: Broken;
}

async function bringUpToDate(tables: Tables): Promise<Result<void, Failure>> {
  const meta = await readMeta(tables);
  if (meta?.isClean === true && meta.signature === signatureOf(tables.sources)) {
    const added = await addNew(tables, meta);
    if (!added.ok || added.value) return added.ok ? ok(undefined) : added;
  }
  const made = await makeTables(tables);
  if (!made.ok) return made;
  const fresh: Meta = {
    signature: signatureOf(tables.sources),
    isClean: true,
    unusable: 0,
    unusableLabels: 0,
    identity: '',
  };
  const read = await addNew(tables, fresh);
  return read.ok ? ok(undefined) : read;
}

async function readMeta({ ask, db }: Tables): Promise<Meta | undefined> {
  const found = await ask(`SELECT json FROM ${db}.meta`);
  return found.ok && found.value[0] !== undefined ? (JSON.parse(String(found.value[0].json)) as Meta) : undefined;
}

const writeMeta = ({ ask, db }: Tables, meta: Meta): Promise<Result<unknown, Failure>> =>
  ask(`UPDATE ${db}.meta SET json = ${literal(JSON.stringify(meta))}`);

const segmentColumns = ({ segments }: PredictionSources): readonly string[] => segments.map((_, i) => `s${i}`);

async function makeTables({ ask, db, sources }: Tables): Promise<Result<unknown, Failure>> {
  const segments = segmentColumns(sources)
    .map((name) => `, ${name} VARCHAR`)
    .join('');
  return ask(
    `CREATE OR REPLACE TABLE ${db}.meta AS SELECT '{}' AS json;
     CREATE OR REPLACE TABLE ${db}.source(path VARCHAR, kind VARCHAR, json VARCHAR);
     CREATE OR REPLACE TABLE ${db}.label(key VARCHAR, label DOUBLE);
     CREATE OR REPLACE TABLE ${db}.prediction(key VARCHAR, ms BIGINT, prediction DOUBLE, label DOUBLE${segments});`,
  );
}

/** Reads new rows. `false` means that they cannot be told from old ones, and everything must be read again. */
async function addNew(tables: Tables, meta: Meta): Promise<Result<boolean, Failure>> {
  const { sources, ask, db } = tables;
  const labels = sources.labels?.from === 'files' ? sources.labels : undefined;
  const known = await readSources(tables);
  if (!known.ok) return known;
  const allowed = requireAllowed(tables.connection, [...sources.predictions.paths, ...(labels?.paths ?? [])]);
  if (!allowed.ok) return allowed;
  const { temporaryPath } = tables.connection;
  const predictions = newSince(known.value.prediction, sources.predictions.paths, temporaryPath);
  const labelFiles = newSince(known.value.label, labels?.paths ?? [], temporaryPath);
  if (predictions === undefined || labelFiles === undefined) return ok(false);
  const identity = sources.labels?.from === 'query' ? sources.labels.identity : '';
  const isNothing = predictions.length === 0 && labelFiles.length === 0 && identity === meta.identity;
  if (isNothing) return ok(true);
  const begun = await writeMeta(tables, { ...meta, isClean: false });
  if (!begun.ok) return begun;
  try {
    const added = await addPredictions(tables, predictions);
    if (!added.ok) return added;
    const labelled =
      labels === undefined ? ok({ odd: 0, broken: undefined }) : await addLabels(tables, labels, labelFiles);
    if (!labelled.ok) return labelled;
    const asked = identity === meta.identity ? ok(meta.unusableLabels) : await askLabels(tables);
    if (!asked.ok) return asked;
    for (const [kind, read] of [
      ['prediction', predictions],
      ['label', labelFiles],
    ] as const)
      for (const { source } of read) {
        const saved = await ask(
          `DELETE FROM ${db}.source WHERE path = ${literal(source.path)} AND kind = '${kind}';
           INSERT INTO ${db}.source VALUES (${literal(source.path)}, '${kind}', ${literal(JSON.stringify(source))})`,
        );
        if (!saved.ok) return saved;
      }
    const ended = await writeMeta(tables, {
      ...meta,
      isClean: true,
      identity,
      unusable: meta.unusable + added.value.unusable,
      broken: sumBroken(sumBroken(meta.broken, added.value.broken), labelled.value.broken),
      unusableLabels:
        sources.labels?.from === 'query'
          ? asked.value
          : meta.unusableLabels + labelled.value.odd + added.value.unusableLabels,
    });
    return ended.ok ? ok(true) : ended;
  } finally {
    removeCopies([...predictions, ...labelFiles]);
  }
}

/** These files are read without DuckDB first, so its confinement alone would not hold for them. */
function requireAllowed({ placeFault }: Connection, paths: readonly string[]): Result<void, Failure> {
  for (const path of paths) {
    const fault = placeFault(path, path);
    if (fault !== undefined) return err(fault);
  }
  return ok(undefined);
}

async function readSources({ ask, db }: Tables) {
  const found = await ask(`SELECT * FROM ${db}.source`);
  if (!found.ok) return found;
  const of = (kind: string): ReadonlyMap<string, ReadSource> =>
    new Map(
      found.value
        .filter((row) => row.kind === kind)
        .map((row) => [String(row.path), JSON.parse(String(row.json)) as ReadSource]),
    );
  return ok({ prediction: of('prediction'), label: of('label') });
}

interface Added {
  readonly unusable: number;
  readonly unusableLabels: number;
  readonly broken?: Broken;
}

async function addPredictions(tables: Tables, files: readonly ToRead[]): Promise<Result<Added, Failure>> {
  const { sources, ask, db, connection } = tables;
  const { time, prediction, key } = sources.predictions;
  const label = sources.labels?.from === 'predictions' ? sources.labels.label : undefined;
  const full = files.filter(({ source }) => source.size > 0);
  if (full.length === 0) return ok({ unusable: 0, unusableLabels: 0 });
  const columns = [
    time,
    prediction,
    ...(key === undefined ? [] : [key]),
    ...(label === undefined ? [] : [label]),
    ...sources.segments,
  ];
  const paths = full.map(({ path }) => path);
  const log = await logTable(connection, paths, columns);
  if (!log.ok) return log;
  const table = log.value.sql;
  const present = await requireColumns(connection, table, columns, 'predictions');
  if (!present.ok) return present;
  const staged = `staged_${db}`;
  const made = await ask(
    `CREATE OR REPLACE TEMP TABLE ${staged} AS SELECT ${key === undefined ? 'NULL::VARCHAR' : keySql(key)} AS key,
       ${timeSql(time)} AS ms, ${numberSql(prediction)} AS prediction, ${label === undefined ? 'NULL::DOUBLE' : numberSql(label)} AS label,
       ${label === undefined ? 'false' : `${identifier(label)} IS NOT NULL AND ${numberSql(label)} IS NULL`} AS is_odd
       ${sources.segments.map((name, i) => `, ${identifier(name)}::VARCHAR AS s${i}`).join('')} FROM ${table}`,
  );
  if (!made.ok) return made;
  const segments = segmentColumns(sources)
    .map((name) => `, n.${name}`)
    .join('');
  const isJoined = sources.labels?.from === 'files' || sources.labels?.from === 'query';
  const counted = await ask(
    `INSERT INTO ${db}.prediction SELECT n.key, n.ms, n.prediction, ${isJoined ? 'l.label' : 'n.label'}${segments} FROM ${staged} n
       ${isJoined ? `LEFT JOIN ${db}.label l ON l.key = n.key` : ''} WHERE n.ms IS NOT NULL AND n.prediction IS NOT NULL;
     SELECT (count(*) FILTER (ms IS NULL OR prediction IS NULL))::DOUBLE AS bad, (count(*) FILTER (is_odd))::DOUBLE AS odd,
       (count(*) FILTER (ms IS NULL AND prediction IS NULL))::DOUBLE AS bare FROM ${staged}`,
  );
  await ask(`DROP TABLE IF EXISTS ${staged}`);
  if (!counted.ok) return counted;
  const { bad, odd, bare } = counted.value[0] ?? {};
  const broken = await brokenIn(full, log.value.faults, requireNumber(bare) > 0);
  const csv = log.value.faults.reduce((sum, fault) => sum + (fault.kind === 'broken-rows' ? fault.rows : 0), 0);
  return ok({ unusable: requireNumber(bad) + csv, unusableLabels: requireNumber(odd), broken });
}

/** Adds new labels; the last label of a key counts. Returns the number of unusable labels, and the broken lines. */
async function addLabels(
  tables: Tables,
  { key, label }: { readonly key: string; readonly label: string },
  files: readonly ToRead[],
): Promise<Result<{ readonly odd: number; readonly broken?: Broken }, Failure>> {
  const { connection, ask, db } = tables;
  const full = files.filter(({ source }) => source.size > 0);
  if (full.length === 0) return ok({ odd: 0 });
  const paths = full.map(({ path }) => path);
  const log = await logTable(connection, paths, [key, label]);
  if (!log.ok) return log;
  const table = log.value.sql;
  const present = await requireColumns(connection, table, [key, label], 'labels');
  if (!present.ok) return present;
  const odd = await stageLabels(tables, table, { key, label });
  if (!odd.ok) return odd;
  const staged = `staged_${db}`;
  const taken = await ask(
    `DELETE FROM ${db}.label USING ${staged} n WHERE label.key = n.key;
     INSERT INTO ${db}.label SELECT key, label FROM ${staged};
     UPDATE ${db}.prediction SET label = n.label FROM ${staged} n WHERE prediction.key = n.key AND prediction.label IS DISTINCT FROM n.label`,
  );
  await ask(`DROP TABLE IF EXISTS ${staged}`);
  return taken.ok ? ok({ odd: odd.value, broken: await brokenIn(full, log.value.faults, false) }) : taken;
}

/** Reads all labels of a query again, so that a row that is gone leaves no label behind. */
async function askLabels(tables: Tables): Promise<Result<number, Failure>> {
  const { sources, ask, db, connection } = tables;
  if (sources.labels?.from !== 'query') return ok(0);
  const table = `(${sources.labels.sql}\n)`;
  const { key, label } = sources.labels;
  const fault = await sqlFault(connection, sources.labels.sql, 'query');
  if (fault !== undefined) return err({ code: 'data-unreadable', source: 'labels', reason: fault });
  const present = await requireColumns(connection, table, [key, label], 'labels');
  if (!present.ok) return present;
  const odd = await stageLabels(tables, table, { key, label });
  if (!odd.ok) return odd;
  const taken = await ask(
    `CREATE OR REPLACE TABLE ${db}.label AS SELECT key, label FROM staged_${db};
     UPDATE ${db}.prediction SET label = NULL WHERE label IS NOT NULL AND key NOT IN (SELECT key FROM ${db}.label)`,
  );
  await ask(`DROP TABLE IF EXISTS staged_${db}`);
  if (!taken.ok) return taken;
  const joined = await joinLabels(tables);
  return joined.ok ? odd : joined;
}

const joinLabels = ({ ask, db }: Tables): Promise<Result<unknown, Failure>> =>
  ask(
    `UPDATE ${db}.prediction SET label = l.label FROM ${db}.label l
     WHERE prediction.key = l.key AND prediction.label IS DISTINCT FROM l.label`,
  );

async function stageLabels(
  { connection, db }: Tables,
  table: string,
  { key, label }: { readonly key: string; readonly label: string },
): Promise<Result<number, Failure>> {
  const made = await connection.query(
    `CREATE OR REPLACE TEMP TABLE staged_${db} AS SELECT key, arg_max(label, place) AS label FROM
       (SELECT ${keySql(key)} AS key, ${numberSql(label)} AS label, row_number() OVER () AS place FROM ${table}
        WHERE ${identifier(label)} IS NOT NULL) WHERE key IS NOT NULL GROUP BY key;
     SELECT (count(*) FILTER (label IS NULL))::DOUBLE AS odd FROM staged_${db}`,
    'labels',
  );
  if (!made.ok) return made;
  await connection.query(`DELETE FROM staged_${db} WHERE label IS NULL`, 'labels');
  return ok(requireNumber(made.value[0]?.odd));
}

async function counts(tables: Tables): Promise<Result<LogCounts, Failure>> {
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
    ...(from === undefined || to === undefined ? {} : { from: instantOf(from), to: instantOf(to) }),
  });
}

function spanSql({ sources }: Tables, { from, until, segment }: LogSpan): string {
  const column = segment === undefined ? '' : `s${sources.segments.indexOf(segment.column)}`;
  return [
    `ms < ${until}`,
    ...(from === undefined ? [] : [`ms >= ${from}`]),
    ...(segment === undefined ? [] : [`${column} = ${literal(segment.value)}`]),
  ].join(' AND ');
}

async function windows(
  tables: Tables,
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

async function rows(tables: Tables, span: LogSpan): Promise<Result<LogRows, Failure>> {
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
async function writeLabelled(tables: Tables, span: LogSpan, path: string): Promise<Result<void, Failure>> {
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
