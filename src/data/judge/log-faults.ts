import type { Finding } from '../../domain/data/finding.js';
import type { PerformanceWindow } from '../../domain/data/performance.js';
import type { LogCounts } from '../../domain/ports/prediction-log.js';
import { formatDuration, type Instant, toIso } from '../../domain/support/time.js';
import { unknownColumns } from './columns/unknown-columns.js';
import { makeFinding, percent } from './finding.js';
import { whatIsWrong } from './read-faults.js';

/** A prediction log with its newest window. */
interface WatchedLog {
  readonly counts: LogCounts;
  readonly current: PerformanceWindow;
  /** End of the window. */
  readonly asOf: Instant;
  readonly windowMs: number;
  readonly servedSince?: Instant;
}

/** Share of rows without a time or a finite prediction that is not reported yet. */
const UNUSABLE = 0.01;
/** Labels are missing where a window has less than this part of the labels that predictions usually get. */
const FEW_LABELS = 0.5;

/**
 * Faults of the feeds themselves: a log that stopped, labels that stopped, labels with other keys. Without these findings each
 * would pass for "nothing is wrong". A feed that never began is no fault.
 */
export function findLogFaults(log: WatchedLog): readonly Finding[] {
  const { counts } = log;
  return [
    stoppedLog(log),
    otherKeys(log),
    stoppedLabels(log),
    missingLabels(log),
    unusableRows(counts),
    counts.broken === undefined ? undefined : brokenLines(counts.broken),
    unusableLabels(counts),
    ...counts.absent.flatMap(unknownColumn),
  ]
    .filter((found) => found !== undefined)
    .sort((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'));
}

function stoppedLog({ counts, asOf, windowMs, servedSince }: WatchedLog): Finding | undefined {
  const hasServed = servedSince === undefined || servedSince <= asOf - windowMs;
  if (counts.to === undefined || counts.to >= asOf - windowMs || !hasServed) return undefined;
  return makeFinding({
    dataset: 'predictions',
    code: 'stale',
    severity: 'error',
    detail: `the newest prediction is of ${toIso(counts.to)}, ${formatDuration(asOf - counts.to)} before the end of the window`,
    evidence: { age_ms: asOf - counts.to, limit_ms: windowMs },
  });
}

function otherKeys({ counts, asOf }: WatchedLog): Finding | undefined {
  const { rows, labels, labelled, from } = counts;
  if (rows === 0 || labels === 0 || labelled > 0) return undefined;
  // Before the first prediction is due, all labels are older ones.
  if (from !== undefined && from >= asOf) return undefined;
  return makeFinding({
    dataset: 'labels',
    code: 'keys-differ',
    severity: 'error',
    detail: `none of ${labels} labels has the key of a prediction`,
    likelyCause: 'the key columns hold different ids',
    evidence: { labels },
  });
}

function stoppedLabels({ counts, current }: WatchedLog): Finding | undefined {
  if (counts.labelled === 0 || current.predictions === 0 || current.labelled > 0) return undefined;
  return makeFinding({
    dataset: 'labels',
    code: 'labels-stopped',
    severity: 'error',
    detail: `none of ${current.predictions} predictions since ${toIso(current.from)} has a label, earlier ones have`,
    likelyCause: 'the feed of labels has stopped, or they take longer than "delay" says',
    evidence: { predictions: current.predictions },
  });
}

function missingLabels({ counts, current }: WatchedLog): Finding | undefined {
  const usual = counts.labelled / Math.max(1, counts.rows);
  const share = current.labelled / Math.max(1, current.predictions);
  if (current.labelled === 0 || share >= FEW_LABELS * usual) return undefined;
  return makeFinding({
    dataset: 'labels',
    code: 'labels-missing',
    severity: 'warning',
    detail: `${percent(share)} of the window's predictions have a label, usually ${percent(usual)} have`,
    likelyCause: 'labels take longer than "delay" says',
    evidence: { share },
  });
}

function unusableRows({ rows, unusable }: LogCounts): Finding | undefined {
  const all = rows + unusable;
  if (unusable / Math.max(1, all) <= UNUSABLE) return undefined;
  return makeFinding({
    dataset: 'predictions',
    code: 'unusable-rows',
    severity: 'warning',
    detail: `${unusable} of ${all} rows have no time or no finite prediction`,
    evidence: { bad: unusable, rows: all },
  });
}

function unusableLabels({ labels, labelled, unusableLabels: bad }: LogCounts): Finding | undefined {
  if (bad === 0) return undefined;
  return makeFinding({
    dataset: 'labels',
    code: 'unusable-labels',
    severity: labelled === 0 ? 'error' : 'warning',
    detail: `${bad} labels are no number, true or false`,
    evidence: { bad, rows: bad + labels },
  });
}

/** Without its column no segment is judged, and no label found. */
const unknownColumn = ({ column, namedBy, available }: LogCounts['absent'][number]): readonly Finding[] =>
  unknownColumns([{ by: namedBy, names: [column] }], available, {
    dataset: 'predictions',
    tables: 'the predictions do not have it',
  });

const brokenLines = ({ rows, first }: NonNullable<LogCounts['broken']>): Finding =>
  makeFinding({
    dataset: 'predictions',
    code: 'broken-rows',
    severity: 'warning',
    detail: `${rows} line${rows === 1 ? ' of the logs is no row and was' : 's of the logs are no rows and were'} left out; the first is ${first.file}:${first.line}, which ${whatIsWrong(first)}`,
    rows,
    evidence: { bad: rows, file: first.file, line: first.line, why: first.why, text: first.text },
  });
