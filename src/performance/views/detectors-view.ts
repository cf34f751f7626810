import type { DetectorEvaluation, DetectorReport } from '../../domain/data/detector.js';
import type { Json } from '../../domain/support/json.js';
import type { Span, View } from '../../domain/view.js';
import { blank, dim, figure, line, plural, strong, table } from '../../render/parts/parts.js';

/** Alarms that the table names. The JSON has all of them. */
const SHOWN = 6;

/** The document of `evaluate-detectors`. */
export function detectorsView(report: DetectorReport): View {
  const { changes, detectors } = report;
  return {
    json: {
      file: report.source,
      column: report.column,
      items: report.items,
      missing: report.missing,
      changes: changes === undefined ? null : [...changes],
      window: report.window,
      detectors: detectors.map(detectorJson),
    },
    parts: [
      line(
        strong(`${report.source}, column ${report.column}`),
        dim(
          `: ${plural(report.items, 'item')}${report.missing === 0 ? '' : `, ${report.missing} without a value`}${
            changes === undefined
              ? '; give --changes to judge the alarms'
              : `; ${plural(changes.length, 'known change')}, to be found within ${plural(report.window, 'item')}`
          }`,
        ),
      ),
      blank,
      changes === undefined
        ? table(['detector', 'alarms', 'at item'], detectors.map(alarmsRow))
        : table(
            ['detector', 'found', 'missed', 'mean delay', 'false', 'items between false', 'MTR', 'alarms at item'],
            detectors.map(scoreRow),
          ),
    ],
  };
}

const detectorJson = ({ name, alarms, skipped, against }: DetectorEvaluation): Json => ({
  name,
  skipped: skipped ?? null,
  alarms: alarms.map(({ index, warning }) => ({ index, warning: warning ?? null })),
  false_alarms: against?.falseAlarms ?? null,
  detected: against?.detected ?? null,
  missed: against?.missed ?? null,
  delay_mean: against?.delayMean ?? null,
  mean_time_between_false_alarms: against?.itemsBetweenFalseAlarms ?? null,
  mean_time_to_detection: against?.delayMean ?? null,
  missed_rate: against?.missedRate ?? null,
  mtr: against?.mtr ?? null,
  mtr_is_lower_bound: against?.mtr === undefined ? null : against.falseAlarms === 0,
});

function alarmsRow(detector: DetectorEvaluation): readonly Span[] {
  if (detector.skipped !== undefined) return [detector.name, dim('–'), dim(detector.skipped)];
  return [detector.name, String(detector.alarms.length), listed(detector)];
}

function scoreRow(detector: DetectorEvaluation): readonly Span[] {
  const { name, against, skipped } = detector;
  if (against === undefined) return [name, ...Array.from({ length: 6 }, () => dim('–')), dim(skipped ?? '')];
  const isFree = against.falseAlarms === 0;
  return [
    name,
    `${against.detected}/${against.detected + against.missed}`,
    String(against.missed),
    against.delayMean === undefined ? dim('–') : figure(Math.round(against.delayMean)),
    String(against.falseAlarms),
    against.itemsBetweenFalseAlarms === undefined ? dim('none') : figure(Math.round(against.itemsBetweenFalseAlarms)),
    against.mtr === undefined ? dim('–') : `${isFree ? '≥ ' : ''}${figure(Number(against.mtr.toFixed(1)))}`,
    listed(detector),
  ];
}

function listed({ alarms }: DetectorEvaluation): string {
  if (alarms.length === 0) return '–';
  const first = alarms.slice(0, SHOWN).map(({ index }) => String(index));
  return `${first.join(', ')}${alarms.length > SHOWN ? ' …' : ''}`;
}
