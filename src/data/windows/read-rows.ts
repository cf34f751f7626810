import type { TableProfile } from '../../domain/data/profile.js';
import type { Failure } from '../../domain/failure.js';
import type { TableSource } from '../../domain/ports/datasets.js';
import type { Services } from '../../domain/ports/services.js';
import { ok, type Result } from '../../domain/support/result.js';
import type { Clock, RowEvidence } from '../judge/row-evidence.js';

const SAMPLE_ROWS = 5000;
/** A table with more columns shows enough by its first. */
const MOST_COLUMNS = 60;

/** Reading rows of tables up to this size is cheap enough to do it always. */
export const ALWAYS_READ = 100_000;

/** Rows of both windows chosen at random, of the columns that both have; nested columns are left out. */
export async function readRows(
  services: Pick<Services, 'datasets'>,
  sources: { readonly reference: TableSource; readonly current: TableSource },
  profiles: {
    readonly reference: TableProfile;
    readonly current: TableProfile;
    readonly ignore: readonly string[];
  },
): Promise<Result<RowEvidence | undefined, Failure>> {
  const time = profiles.reference.time?.column;
  const isUsed = (table: TableProfile, name: string): boolean =>
    table.columns.some((one) => one.name === name && (one.numeric !== undefined || one.categories !== undefined));
  const columns = profiles.reference.columns
    .map((column) => column.name)
    .filter((name) => !profiles.ignore.includes(name) && name !== time)
    .filter((name) => isUsed(profiles.reference, name) && profiles.current.columns.some((one) => one.name === name))
    .slice(0, MOST_COLUMNS);
  if (columns.length < 2) return ok(undefined);
  const wanted = time === undefined || profiles.current.time?.column !== time ? columns : [...columns, time];
  const reference = await services.datasets.sample(sources.reference, wanted, SAMPLE_ROWS);
  if (!reference.ok) return reference;
  const current = await services.datasets.sample(sources.current, wanted, SAMPLE_ROWS);
  if (!current.ok) return current;
  const both = { reference: withoutInfinite(reference.value), current: withoutInfinite(current.value) };
  return ok({ ...withoutColumn(both, time), clocks: clocksOf(both, time) });
}

/** As in profiles, NaN and infinite values count as missing. */
const withoutInfinite = (rows: RowEvidence['current']): RowEvidence['current'] =>
  new Map(
    [...rows].map(([name, values]) => [
      name,
      values.map((value) => (typeof value === 'number' && !Number.isFinite(value) ? null : value)),
    ]),
  );

const withoutColumn = ({ reference, current }: RowEvidence, name: string | undefined): RowEvidence => ({
  reference: new Map([...reference].filter(([column]) => column !== name)),
  current: new Map([...current].filter(([column]) => column !== name)),
});

/** The time column's hours, and columns of whole numbers from 0 to 23 that have nearly all of them. */
function clocksOf({ reference, current }: RowEvidence, time: string | undefined): readonly Clock[] {
  return [...reference.keys()].flatMap((column): readonly Clock[] => {
    const [was, is] = [reference.get(column) ?? [], current.get(column) ?? []];
    if (column === time) return [{ column, reference: was.map(hourOf), current: is.map(hourOf) }];
    const isClock = [was, is].every((values) => {
      const seen = new Set(values);
      seen.delete(null);
      return (
        seen.size >= 20 &&
        [...seen].every((value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) < 24)
      );
    });
    return isClock ? [{ column, reference: was.map(numberOf), current: is.map(numberOf) }] : [];
  });
}

const numberOf = (value: number | string | null): number | null => (typeof value === 'number' ? value : null);

/** The hour of a moment as it is written: `2026-03-01 17:05:00`. */
function hourOf(value: number | string | null): number | null {
  const hour = typeof value === 'string' ? /[T ](\d{2}):/.exec(value)?.[1] : undefined;
  return hour === undefined ? null : Number(hour);
}
