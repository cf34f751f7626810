import type { Failure } from '../domain/failure.js';
import type { ContentHash } from '../domain/ids.js';
import type { Evaluation } from '../domain/models/model.js';
import type { Services } from '../domain/ports/services.js';
import { err, type Result } from '../domain/support/result.js';
import { NO_PREDICTIONS } from './judge/comparison.js';
import type { PairedPredictions } from './judge/difference.js';

export interface Paired {
  readonly pairs?: PairedPredictions;
  readonly sliceColumns?: Readonly<Record<string, readonly string[]>>;
  /** Why the rows could not be paired, with what to write. */
  readonly unpaired?: string;
}

type Table = ReadonlyMap<string, readonly (number | string | null)[]>;

/** Joins both models' predictions by `id`, or row by row if both tables have the same labels in the same order. */
export async function pairPredictions(
  services: Services,
  candidate: Evaluation,
  champion: Evaluation,
  slices: readonly string[],
): Promise<Paired> {
  if (candidate.predictions === undefined || champion.predictions === undefined) return { unpaired: NO_PREDICTIONS };
  const columns = ['id', 'label', 'prediction', ...slices];
  const mine = await readTable(services, candidate.predictions, columns);
  const theirs = await readTable(services, champion.predictions, columns);
  if (!mine.ok || !theirs.ok)
    return { unpaired: 'the predictions cannot be read as a table; write CSV with a header, or Parquet' };
  const rows = matchRows(mine.value, theirs.value);
  if (typeof rows === 'string') return { unpaired: rows };
  const pick = (table: Table, column: string, index: readonly number[]): readonly number[] =>
    index.map((i) => Number(table.get(column)?.[i]));
  const pairs = {
    label: pick(mine.value, 'label', rows.mine),
    candidate: pick(mine.value, 'prediction', rows.mine),
    champion: pick(theirs.value, 'prediction', rows.theirs),
  };
  if ([...pairs.label, ...pairs.candidate, ...pairs.champion].some((value) => !Number.isFinite(value)))
    return { unpaired: 'a label or a prediction is no number; write labels of classes as 0 and 1' };
  const sliceColumns = Object.fromEntries(
    slices
      .filter((slice) => mine.value.has(slice))
      .map((slice) => [slice, rows.mine.map((i) => String(mine.value.get(slice)?.[i]))]),
  );
  return { pairs, sliceColumns };
}

async function readTable(
  services: Services,
  hash: ContentHash,
  columns: readonly string[],
): Promise<Result<Table, Failure>> {
  const path = await services.artifacts.objectPath(hash);
  if (path === undefined)
    return err({ code: 'data-empty', source: 'predictions', detail: 'they are no longer in the store' });
  return services.datasets.readColumns({ from: { kind: 'files', paths: [path] } }, columns);
}

function matchRows(
  mine: Table,
  theirs: Table,
): { readonly mine: readonly number[]; readonly theirs: readonly number[] } | string {
  const [labels, others] = [mine.get('label'), theirs.get('label')];
  if (labels === undefined || others === undefined || !mine.has('prediction') || !theirs.has('prediction'))
    return `a table of predictions lacks the column ${['label', 'prediction'].find((one) => !mine.has(one) || !theirs.has(one))}; ${NO_PREDICTIONS}`;
  const [ids, otherIds] = [mine.get('id'), theirs.get('id')];
  if (ids === undefined || otherIds === undefined) {
    const isSame = labels.length === others.length && labels.every((label, i) => label === others[i]);
    const rows = labels.map((_, i) => i);
    return isSame ? { mine: rows, theirs: rows } : 'the tables have other rows, and no column id to match them by';
  }
  const placeOf = new Map(otherIds.map((id, i) => [id, i]));
  const common = ids.flatMap((id, i) => (placeOf.has(id) ? [i] : []));
  if (common.length === 0) return 'the tables have no id in common: let both have the ids of the same test rows';
  return { mine: common, theirs: common.map((i) => placeOf.get(ids[i] ?? null) ?? 0) };
}
