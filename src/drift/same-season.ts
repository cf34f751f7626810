import type { Past } from '../data/windows/past-windows.js';
import type { DriftReport } from '../domain/data/drift.js';
import type { TableProfile } from '../domain/data/profile.js';
import type { Failure } from '../domain/failure.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import { compareTables, type TableOptions, withVerdicts } from './judge/judge-table.js';
import { asReference, judgeInSeason, seasonOf } from './judge/season.js';

/**
 * The report without what the same weeks of an earlier year show as well. They are the reference's own, or, with a year
 * of history in the dataset, rows of the dataset that then count as part of the reference.
 */
export async function withSeason(
  services: Pick<Services, 'datasets'>,
  report: DriftReport,
  compared: TableOptions & {
    readonly reference: TableProfile;
    readonly current: TableProfile;
    readonly past: (current: TableProfile) => Promise<Result<Past | undefined, Failure>>;
  },
): Promise<Result<DriftReport, Failure>> {
  const { reference, current } = compared;
  if (report.verdict !== 'drift' || current.time === undefined) return ok(report);
  const past = await compared.past(current);
  if (!past.ok || past.value === undefined) return past.ok ? ok(report) : past;
  const { table } = past.value;
  if (table.timeColumn !== current.time.column) return ok(report);
  const own = table.timeColumn === reference.time?.column ? seasonOf(reference.time, current.time) : undefined;
  const history = own === undefined ? await services.datasets.timeRange(table) : ok(undefined);
  if (!history.ok) return history;
  const found = own ?? seasonOf(history.value, current.time);
  if (found === undefined) return ok(report);
  const season = { ...found, isOfReference: own !== undefined };
  const rows = await services.datasets.profile({ ...table, since: season.since, until: season.until }, reference);
  if (!rows.ok) return rows;
  const then = compareTables(asReference(reference, rows.value), current, compared).features;
  return ok(
    withVerdicts(
      report,
      report.features.map((feature) =>
        judgeInSeason(
          feature,
          then.find((one) => one.name === feature.name),
          season,
        ),
      ),
    ),
  );
}
