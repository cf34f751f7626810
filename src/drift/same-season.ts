import type { Past } from '../data/windows/past-windows.js';
import type { DriftReport } from '../domain/data/drift.js';
import type { TableProfile } from '../domain/data/profile.js';
import type { Failure } from '../domain/failure.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import { compareTables, type TableOptions, withVerdicts } from './judge/judge-table.js';
import { asReference, judgeInSeason, seasonOf } from './judge/season.js';

/** Removes drift that the same weeks of an earlier year show as well, if the reference contains such weeks. */
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
