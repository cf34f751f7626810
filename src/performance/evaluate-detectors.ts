import { basename } from 'node:path';
import { noRows } from '../data/judge/read-faults.js';
import { DETECTOR_NAMES, type DetectorName, type DetectorReport } from '../domain/data/detector.js';
import type { Failure } from '../domain/failure.js';
import type { TableSource } from '../domain/ports/datasets.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { evaluateDetector } from './judge/evaluate-detector.js';
import { readDetectors } from './read-detectors.js';

export interface EvaluateDetectorsOptions {
  /** Absolute path. */
  readonly file: string;
  readonly column: string;
  readonly changes?: readonly number[];
  /** All detectors if absent. */
  readonly names?: readonly string[];
  readonly window: number;
}

/** Runs stream detectors over a recorded column, in the order of the file. Works anywhere and records nothing. */
export async function evaluateDetectors(
  { datasets }: Pick<Services, 'datasets'>,
  options: EvaluateDetectorsOptions,
): Promise<Result<DetectorReport, Failure>> {
  const names = chooseDetectors(options.names);
  if (!names.ok) return names;
  const read = await readStream(datasets, options);
  if (!read.ok) return read;
  const values = read.value;
  const late = options.changes?.find((change) => change >= values.length);
  if (late !== undefined)
    return err({
      code: 'usage',
      problem: `--changes ${late}: the file has ${values.length} rows, 0 to ${values.length - 1}`,
      next: 'count rows from 0, without the header',
    });
  const known = {
    window: options.window,
    changes: options.changes === undefined ? undefined : [...new Set(options.changes)].sort((a, b) => a - b),
  };
  return ok({
    ...known,
    source: basename(options.file),
    column: options.column,
    items: values.length,
    missing: values.reduce((sum, x) => sum + (Number.isFinite(x) ? 0 : 1), 0),
    detectors: names.value.map((name) => evaluateDetector(name, values, known)),
  });
}

const chooseDetectors = (names: readonly string[] | undefined): Result<readonly DetectorName[], Failure> =>
  names === undefined || names.length === 0 ? ok(DETECTOR_NAMES) : readDetectors(names);

async function readStream(
  datasets: Services['datasets'],
  { file, column }: EvaluateDetectorsOptions,
): Promise<Result<Float64Array, Failure>> {
  const source: TableSource = { from: { kind: 'files', paths: [file] } };
  const read = await datasets.readColumns(source, [column]);
  if (!read.ok) return read;
  const cells = read.value.get(column);
  if (cells === undefined) {
    const profile = await datasets.profile(source);
    if (profile.ok && profile.value.rows === 0)
      return err({ code: 'data-empty', source: basename(file), detail: noRows(profile.value).detail });
    return err({
      code: 'not-found',
      what: 'column',
      name: column,
      available: profile.ok ? profile.value.columns.map((one) => one.name) : [],
      namedBy: '--column',
      next: `--column names a column of ${basename(file)}`,
    });
  }
  if (cells.length === 0) return err({ code: 'data-empty', source: basename(file), detail: 'it has no rows' });
  const text = cells.findIndex((cell) => typeof cell === 'string');
  if (text !== -1)
    return err({
      code: 'data-unreadable',
      source: basename(file),
      reason: `column "${column}" holds no numbers: row ${text} is "${cells[text]}"`,
    });
  return ok(Float64Array.from(cells, (cell) => (typeof cell === 'number' ? cell : Number.NaN)));
}
