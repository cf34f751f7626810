import type { Failure } from '../../domain/failure.js';
import type { Dataset, Pipeline } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import { ok, type Result } from '../../domain/support/result.js';
import type { When } from '../../domain/when.js';

/**
 * The dataset as steps read it: without the rows that its `action: quarantine` sets aside, outliers of a column or whole
 * rows by the champion's data. The same goes for the datasets that a query reads.
 */
export async function withoutQuarantined(
  services: Services,
  pipeline: Pipeline,
  declared: Dataset,
  when: When,
): Promise<Result<Dataset, Failure>> {
  const dataset =
    declared.source.kind === 'query' ? await withoutInner(services, pipeline, declared, when) : ok(declared);
  return dataset.ok ? withoutOwn(services, pipeline, dataset.value, when) : dataset;
}

async function withoutInner(
  services: Services,
  pipeline: Pipeline,
  dataset: Dataset,
  when: When,
): Promise<Result<Dataset, Failure>> {
  const sql: (string | Dataset)[] = [];
  for (const part of dataset.source.kind === 'query' ? dataset.source.sql : []) {
    const inner = typeof part === 'string' ? ok(part) : await withoutQuarantined(services, pipeline, part, when);
    if (!inner.ok) return inner;
    sql.push(inner.value);
  }
  return ok({ ...dataset, source: { kind: 'query', sql } });
}

async function withoutOwn(
  services: Services,
  pipeline: Pipeline,
  dataset: Dataset,
  when: When,
): Promise<Result<Dataset, Failure>> {
  const policies = Object.entries(dataset.checks.columns).flatMap(([column, { outliers: policy }]) =>
    policy?.action === 'quarantine' ? [{ column, policy }] : [],
  );
  const setsRowsAside = dataset.checks.rowOutliers?.action === 'quarantine';
  if (policies.length === 0 && !setsRowsAside) return ok(dataset);
  const { setRowsAside } = await import('./quarantined-rows.js');
  return setRowsAside(services, pipeline, dataset, { when, policies, setsRowsAside });
}
