import type { Dataset, MonitorSpec, WindowSpec } from '../../../domain/pipeline/pipeline.js';
import { DAY_MS, formatDuration, parseDuration } from '../../../domain/support/time.js';
import type { BuildContext } from '../context.js';
import type { RawDataset } from '../schema.js';
import type { YamlPath } from '../source/yaml-source.js';
import { canCompare } from './reference.js';

type Report = BuildContext['report'];

/** A training on fewer days rarely sees every weekday often enough. */
const LEAST_MS = 28 * DAY_MS;

/** `window: 90d`, `window: auto`, or auto with its bounds. */
export function buildWindow(
  { window, time }: Pick<RawDataset, 'window' | 'time'>,
  path: YamlPath,
  report: Report,
): WindowSpec | undefined {
  if (window === undefined) return undefined;
  if (time === undefined)
    report.atKey(path, 'window', {
      code: 'missing-key',
      message: 'a window needs to know which column holds the time of a row',
      suggestion: 'add time: the name of that column',
    });
  if (typeof window === 'string') return buildShort(window, path, report);
  const [minMs, maxMs] = [parseDuration(window.min ?? '') ?? LEAST_MS, parseDuration(window.max ?? '')];
  if (maxMs !== undefined && minMs > maxMs)
    report.at([...path, 'window'], {
      code: 'wrong-value',
      message: `the shortest window, ${formatDuration(minMs)}, is longer than the longest, ${formatDuration(maxMs)}`,
      suggestion: window.min === undefined ? 'write min too: the default is 28d' : 'write a min that is at most max',
    });
  return { kind: 'auto', minMs, maxMs };
}

function buildShort(text: string, path: YamlPath, report: Report): WindowSpec {
  if (text === 'auto') return { kind: 'auto', minMs: LEAST_MS };
  const lengthMs = parseDuration(text);
  if (lengthMs === undefined || lengthMs === 0)
    report.at([...path, 'window'], {
      code: 'wrong-value',
      message: `"${text}" is neither a duration nor auto`,
      suggestion: 'write window: 90d, window: auto, or window: { auto: true, min: 28d, max: 365d }',
    });
  return { kind: 'fixed', lengthMs: lengthMs ?? 0 };
}

/** Without a verdict that can date a change, `auto` would always be the longest window. */
export function checkWindows(datasets: readonly Dataset[], monitor: MonitorSpec | undefined, report: Report): void {
  if (canCompare(monitor) || monitor?.predictions !== undefined) return;
  for (const { name, window } of datasets)
    if (window?.kind === 'auto')
      report.at(['datasets', name, 'window'], {
        code: 'missing-key',
        message: `"window: auto" of "${name}" needs a check of drift or of performance, which dates the change`,
        suggestion: 'add monitor: { reference: …, current: { dataset: …, window: 28d } }, or predictions and labels',
      });
}
