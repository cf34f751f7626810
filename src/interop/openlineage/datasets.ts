import type { Finding } from '../../domain/data/finding.js';
import type { ColumnProfile, TableProfile } from '../../domain/data/profile.js';
import type { MadeVersion, ProfiledUse, RunFacts } from '../../domain/runs/run-facts.js';
import type { JsonObject } from '../../domain/support/json.js';
import { toIso } from '../../domain/support/time.js';
import { type Bodies, facetsOf } from './facets.js';

export interface EventContext {
  readonly facts: RunFacts;
  readonly producer: string;
  readonly namespace: string | undefined;
}

/** Uses workspace-relative paths, so that an artifact is the same dataset on every machine. */
const identityOf = ({ path }: ProfiledUse, { namespace }: EventContext): JsonObject => ({
  namespace: namespace === undefined ? 'file' : `file://${namespace}`,
  name: path,
});

export function inputOf(use: ProfiledUse, context: EventContext): JsonObject {
  const findings = context.facts.findings.filter((one) => use.dataset !== undefined && one.dataset === use.dataset);
  return {
    ...identityOf(use, context),
    facets: facetsOf(bodiesOf(use, context), context.producer),
    inputFacets: facetsOf(
      {
        inputStatistics: statisticsOf(use),
        dataQualityMetrics: use.profile === undefined ? undefined : qualityOf(use.profile, use.artifact.size),
        dataQualityAssertions: findings.length === 0 ? undefined : { assertions: findings.map(assertionOf) },
      },
      context.producer,
    ),
  };
}

export const outputOf = (use: ProfiledUse, context: EventContext): JsonObject => ({
  ...identityOf(use, context),
  facets: facetsOf(bodiesOf(use, context), context.producer),
  outputFacets: facetsOf({ outputStatistics: statisticsOf(use) }, context.producer),
});

function bodiesOf({ path, artifact, profile }: ProfiledUse, { facts }: EventContext): Bodies {
  const made = facts.made.find(({ version }) => version.path === path && version.hash === artifact.hash);
  return {
    version: { datasetVersion: artifact.hash },
    datasetType:
      made === undefined
        ? { datasetType: artifact.kind.toUpperCase() }
        : { datasetType: 'MODEL', subType: artifact.kind.toUpperCase() },
    schema: profile === undefined ? undefined : { fields: profile.columns.map(fieldOf) },
    refit_modelVersion: made === undefined ? undefined : modelBody(made),
  };
}

const fieldOf = ({ name, sqlType }: ColumnProfile, place: number): JsonObject => ({
  name,
  type: sqlType,
  ordinal_position: place + 1,
});

const statisticsOf = ({ artifact, rows, profile }: ProfiledUse): JsonObject => {
  const rowCount = rows ?? profile?.rows;
  return { size: artifact.size, rowCount };
};

const qualityOf = (profile: TableProfile, bytes: number): JsonObject => ({
  rowCount: profile.rows,
  bytes,
  columnMetrics: Object.fromEntries(
    profile.columns.map(({ name, rows, missing, distinct, numeric }) => [
      name,
      {
        nullCount: missing,
        distinctCount: Math.round(distinct),
        count: rows - missing,
        ...(numeric !== undefined && Number.isFinite(numeric.min) && Number.isFinite(numeric.max)
          ? { min: numeric.min, max: numeric.max }
          : {}),
      },
    ]),
  ),
});

const assertionOf = ({ id, code, column, severity, detail }: Finding): JsonObject => ({
  assertion: code,
  success: false,
  name: id,
  severity: severity === 'error' ? 'error' : 'warn',
  content: detail,
  contentType: 'text/plain',
  column,
});

const modelBody = ({ version, evaluation, gate }: MadeVersion): JsonObject => ({
  model: version.model,
  version: version.version,
  sha256: version.hash,
  registeredAt: toIso(version.registeredAt),
  evaluation: evaluation === undefined ? undefined : evaluation.metrics,
  gate: gate === undefined ? undefined : gate.verdict,
});
