import type { DriftReport } from '../domain/drift.js';
import type { Failure } from '../domain/failure.js';
import type { Services } from '../domain/ports/services.js';
import type { TableProfile } from '../domain/profile.js';
import { ok, type Result } from '../domain/result.js';
import { compareTables, type TableOptions, withVerdicts } from '../drift/judge-table.js';
import { asReference, judgeInSeason, seasonOf } from '../drift/season.js';
import type { Past } from './past-windows.js';

/** The report without what the same weeks of an earlier year show as well, where the reference holds such. */
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
  const season = report.verdict === 'drift' ? seasonOf(reference, current) : undefined;
  if (season === undefined) return ok(report);
  const past = await compared.past(current);
  if (!past.ok || past.value === undefined) return past.ok ? ok(report) : past;
  const { table } = past.value;
  if (table.timeColumn !== reference.time?.column) return ok(report);
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
