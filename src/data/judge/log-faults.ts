import type { Finding } from '../../domain/data/finding.js';
import type { PerformanceWindow } from '../../domain/data/performance.js';
import type { LogCounts } from '../../domain/ports/prediction-log.js';
import { formatDuration, type Instant, toIso } from '../../domain/support/time.js';
import { makeFinding, percent } from './finding.js';
import { whatIsWrong } from './read-faults.js';

interface Looked {
  readonly counts: LogCounts;
  readonly current: PerformanceWindow;
  readonly asOf: Instant;
  readonly windowMs: number;
  readonly servedSince?: Instant;
}

/** Share of lines that may say nothing before it is worth a word. */
const UNUSABLE = 0.01;
/** A window with less than this part of the labels that predictions usually get has lost some. */
const FEW_LABELS = 0.5;

/**
 * Faults of the feeds themselves: a log that stopped, labels that stopped, labels of other keys. A feed that never began is
 * no fault. Each would else read as "nothing is wrong".
 */
export function findLogFaults({ counts, current, asOf, windowMs, servedSince }: Looked): readonly Finding[] {
  const found: Finding[] = [];
  const hasServed = servedSince === undefined || servedSince <= asOf - windowMs;
  if (counts.rows > 0 && counts.to !== undefined && counts.to < asOf - windowMs && hasServed)
    found.push(
      makeFinding({
        dataset: 'predictions',
        code: 'stale',
        severity: 'error',
        detail: `the newest prediction is of ${toIso(counts.to)}, ${formatDuration(asOf - counts.to)} before the end of the window`,
        evidence: { age_ms: asOf - counts.to, limit_ms: windowMs },
      }),
    );
  if (counts.rows > 0 && counts.labels > 0 && counts.labelled === 0)
    found.push(
      makeFinding({
        dataset: 'labels',
        code: 'keys-differ',
        severity: 'error',
        detail: `none of ${counts.labels} labels has the key of a prediction`,
        likelyCause: 'the key columns hold different ids',
        evidence: { labels: counts.labels },
      }),
    );
  if (counts.labelled > 0 && current.predictions > 0 && current.labelled === 0)
    found.push(
      makeFinding({
        dataset: 'labels',
        code: 'labels-stopped',
        severity: 'error',
        detail: `none of ${current.predictions} predictions since ${toIso(current.from)} has a label, earlier ones have`,
        likelyCause: 'the feed of labels has stopped, or they take longer than "delay" says',
        evidence: { predictions: current.predictions },
      }),
    );
  const usual = counts.labelled / Math.max(1, counts.rows);
  const share = current.labelled / Math.max(1, current.predictions);
  if (current.labelled > 0 && share < FEW_LABELS * usual)
    found.push(
      makeFinding({
        dataset: 'labels',
        code: 'labels-missing',
        severity: 'warning',
        detail: `${percent(share)} of the window's predictions have a label, usually ${percent(usual)} have`,
        likelyCause: 'labels take longer than "delay" says',
        evidence: { share },
      }),
    );
  const bad = counts.unusable / Math.max(1, counts.rows + counts.unusable);
  if (bad > UNUSABLE)
    found.push(
      makeFinding({
        dataset: 'predictions',
        code: 'unusable-rows',
        severity: 'warning',
        detail: `${counts.unusable} of ${counts.rows + counts.unusable} rows have no time or no finite prediction`,
        evidence: { bad: counts.unusable, rows: counts.rows + counts.unusable },
      }),
    );
  if (counts.broken !== undefined) found.push(brokenLines(counts.broken));
  if (counts.unusableLabels > 0)
    found.push(
      makeFinding({
        dataset: 'labels',
        code: 'unusable-labels',
        severity: counts.labelled === 0 ? 'error' : 'warning',
        detail: `${counts.unusableLabels} labels are no number, true or false`,
        evidence: { bad: counts.unusableLabels, rows: counts.unusableLabels + counts.labels },
      }),
    );
  return found.sort((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'));
}

const brokenLines = ({ rows, first }: NonNullable<LogCounts['broken']>): Finding =>
  makeFinding({
    dataset: 'predictions',
    code: 'broken-rows',
    severity: 'warning',
    detail: `${rows} line${rows === 1 ? ' of the logs is no row and was' : 's of the logs are no rows and were'} left out; the first is ${first.file}:${first.line}, which ${whatIsWrong(first)}`,
    rows,
    evidence: { bad: rows, file: first.file, line: first.line, why: first.why, text: first.text },
  });
