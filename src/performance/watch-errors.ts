import type { DetectorName } from '../domain/data/detector.js';
import type { ErrorAlarms, PerformanceChange } from '../domain/data/performance.js';
import type { Failure } from '../domain/failure.js';
import type { LogRows, LogSpan, PredictionLog } from '../domain/ports/prediction-log.js';
import type { ErrorStream } from '../domain/ports/records/performance-records.js';
import { ok, type Result } from '../domain/support/result.js';
import { type Instant, instantOf, toMinute } from '../domain/support/time.js';
import { openStream } from './judge/catalogue.js';
import { type ErrorRows, kindBetween, locateChange, rowsOf } from './judge/change/locate-change.js';
import { labelledRows } from './measure-grid.js';
import { changeSentence } from './views/change-sentence.js';

/** Where a detector's state is kept between checks. */
export interface KeptStream {
  readonly read: (stream: string) => ErrorStream | undefined;
  readonly save: (stream: string, state: ErrorStream) => void;
}

interface Watched extends LogSpan {
  readonly detector: DetectorName;
  /** Identifies the version whose errors these are. */
  readonly stream: string;
  readonly isBits: boolean;
}

/** Changes when detectors save their state in another form. States from an earlier release are then not resumed. */
const STATE_FORM = 2;

/** The error of each prediction: squared for a probability, absolute for a number. */
const errorsOf = ({ label, prediction }: LogRows, isBits: boolean): Float64Array =>
  label.map((y, i) => (isBits ? (y - (prediction[i] ?? 0)) ** 2 : Math.abs(y - (prediction[i] ?? 0))));

/**
 * Runs a stream detector over the errors ordered by time. It continues where the last check ended, so only new rows are
 * read, with the same result as one pass over all rows. A label that arrives after the declared delay is not seen.
 */
export async function watchErrors(
  log: PredictionLog,
  { detector, stream, isBits, from, until }: Watched,
  kept: KeptStream | undefined,
): Promise<Result<ErrorAlarms, Failure>> {
  const name = `${stream}|${detector}|${STATE_FORM}`;
  const saved = kept?.read(name);
  // The last check had a later `now`, so its state includes rows that do not exist yet.
  const known = saved !== undefined && saved.cursor <= until ? saved : undefined;
  const start = known?.cursor ?? from;
  const read = await log.rows({ until, from: start });
  if (!read.ok) return read;
  const rows = labelledRows(read.value);
  const errors = errorsOf(rows, isBits);
  const open = openStream(detector, known?.detector);
  const alarms = [...(known?.alarms ?? [])];
  const before = known?.items ?? 0;
  errors.forEach((error, i) => {
    if (open.update(error) === 'drift') alarms.push({ at: instantOf(rows.time[i] ?? 0), index: before + i });
  });
  const items = before + errors.length;
  if (saved === undefined || saved.cursor <= until)
    kept?.save(name, { cursor: until, items, alarms, detector: open.save() });
  return ok({ name: detector, items, alarms });
}

/** The last change in the errors of a span, or the one that an alarm at a given time is about, if any. */
export async function describeChange(
  log: PredictionLog,
  { windowMs, isBits, ...span }: LogSpan & { readonly windowMs: number; readonly isBits: boolean },
  alarm?: Instant,
): Promise<Result<PerformanceChange | undefined, Failure>> {
  const read = await log.rows(span);
  if (!read.ok) return read;
  const rows = labelledRows(read.value);
  const known: ErrorRows = { ...rows, error: errorsOf(rows, isBits) };
  const located = locateChange(known, windowMs, alarm);
  if (located === undefined) return ok(undefined);
  const { change, at } = located;
  const since = at(change.since.index);
  const kind = kindBetween(rowsOf(known, located), since);
  const error = isBits ? 'squared error' : 'absolute error';
  return ok({
    form: change.form,
    kind,
    since,
    sinceLower: at(change.since.lower),
    sinceUpper: at(change.since.upper),
    until: change.until === undefined ? undefined : at(change.until),
    ...(change.returnedTo === undefined || 'name' in change.returnedTo
      ? {}
      : { returnedTo: { from: at(change.returnedTo.from), to: at(change.returnedTo.to - 1) } }),
    error,
    before: change.before,
    after: change.after,
    sentence: changeSentence(change, { subject: error, kind, at: (index) => toMinute(at(index)) }),
  });
}
