import type { Json, JsonObject } from '../../domain/support/json.js';

/** Standard facets and the schema versions that they follow. */
const STANDARD = {
  parent: ['1-2-0', 'ParentRunFacet'],
  nominalTime: ['1-0-1', 'NominalTimeRunFacet'],
  executionParameters: ['1-0-0', 'ExecutionParametersRunFacet'],
  environmentVariables: ['1-0-0', 'EnvironmentVariablesRunFacet'],
  processing_engine: ['1-1-1', 'ProcessingEngineRunFacet'],
  errorMessage: ['1-0-1', 'ErrorMessageRunFacet'],
  test: ['1-0-1', 'TestRunFacet'],
  jobDependencies: ['1-0-1', 'JobDependenciesRunFacet'],
  tags: ['1-0-0', 'TagsRunFacet'],
  jobType: ['2-0-4', 'JobTypeJobFacet'],
  sourceCodeLocation: ['1-1-0', 'SourceCodeLocationJobFacet'],
  sourceCode: ['1-0-1', 'SourceCodeJobFacet'],
  ownership: ['1-0-1', 'OwnershipJobFacet'],
  documentation: ['1-1-0', 'DocumentationJobFacet'],
  version: ['1-0-1', 'DatasetVersionDatasetFacet'],
  datasetType: ['1-0-1', 'DatasetTypeDatasetFacet'],
  schema: ['1-2-0', 'SchemaDatasetFacet'],
  dataQualityMetrics: ['1-0-3', 'DataQualityMetricsInputDatasetFacet'],
  dataQualityAssertions: ['1-1-0', 'DataQualityAssertionsDatasetFacet'],
  inputStatistics: ['1-0-0', 'InputStatisticsInputDatasetFacet'],
  outputStatistics: ['1-0-2', 'OutputStatisticsOutputDatasetFacet'],
} as const;

/** Custom facets for facts that the standard does not cover. Their schemas are in the folder `schemas`. */
const OWN = {
  refit_run: ['1-0-0', 'RefitRunFacet'],
  refit_step: ['1-0-0', 'RefitStepRunFacet'],
  refit_metrics: ['1-0-0', 'RefitMetricsRunFacet'],
  refit_decision: ['1-0-0', 'RefitDecisionRunFacet'],
  refit_modelVersion: ['1-0-0', 'RefitModelVersionDatasetFacet'],
} as const;

type FacetKey = keyof typeof STANDARD | keyof typeof OWN;

const schemaOf = (key: FacetKey): string => {
  if (key in STANDARD) {
    const [version, name] = STANDARD[key as keyof typeof STANDARD];
    return `https://openlineage.io/spec/facets/${version}/${name}.json#/$defs/${name}`;
  }
  const [version, name] = OWN[key as keyof typeof OWN];
  return `urn:refit:openlineage:${version}:${name}#/$defs/${name}`;
};

/** Facet bodies by key. Undefined ones are omitted. */
export type Bodies = Readonly<Partial<Record<FacetKey, JsonObject | undefined>>>;

/** Adds the producer and the schema URL to each facet body. */
export function facetsOf(bodies: Bodies, producer: string): JsonObject {
  const written = Object.entries(bodies).flatMap(([key, body]): readonly (readonly [string, Json])[] =>
    body === undefined ? [] : [[key, { _producer: producer, _schemaURL: schemaOf(key as FacetKey), ...body }]],
  );
  return Object.fromEntries(written);
}
