import type { ContentHash, RunId } from '../domain/ids.js';
import type { ModelVersion } from '../domain/models/model.js';
import type { Services } from '../domain/ports/services.js';
import { CHAMPION, servedBefore } from '../models/champion.js';

type Dependencies = Pick<Services, 'registry'>;

/**
 * Hashes of content that a machine needs to serve, roll back and continue training: every version with an alias, every
 * rollback target, and the last successful run of every pipeline.
 */
export function contentToFetch(services: Dependencies): ReadonlySet<ContentHash> {
  const { models, runs } = services.registry;
  const versions = models.names().flatMap((model) => namedVersions(services, model));
  const last = runs.pipelines().flatMap((pipeline) => runs.list({ pipeline, status: 'succeeded', limit: 1 }));
  return new Set([
    ...versions.flatMap((version) => [
      version.hash,
      ...models.evaluations(version).flatMap(({ predictions }) => predictions ?? []),
    ]),
    ...[...new Set([...versions.map(({ run }) => run), ...last.map(({ id }) => id)])].flatMap((run) =>
      hashesOfRun(services, run),
    ),
  ]);
}

function namedVersions(services: Dependencies, model: ModelVersion['model']): readonly ModelVersion[] {
  const { models } = services.registry;
  const aliases = [...new Set(models.recordedMoves(model).map((move) => move.alias))];
  const numbers = aliases.flatMap((alias) => {
    const move = models.alias(model, alias);
    return [
      move?.to,
      // A held move's version too, so that it can be judged here.
      models.recordedMoves(model).findLast((one) => one.alias === alias)?.to,
      alias === CHAMPION ? servedBefore(services, move) : undefined,
    ];
  });
  return [...new Set(numbers)].flatMap((version) =>
    version === undefined ? [] : (models.get({ model, version }) ?? []),
  );
}

function hashesOfRun({ registry }: Dependencies, id: RunId): readonly ContentHash[] {
  const { runs, schemas } = registry;
  const diff = runs.get(id)?.code.diff;
  return [
    ...runs.executions(id).flatMap((execution) => {
      const { reads, writes } = runs.uses(execution.id);
      return [...reads, ...writes].map(({ artifact }) => artifact.hash);
    }),
    ...schemas.inferred(id).map(({ hash }) => hash),
    ...(diff === undefined ? [] : [diff]),
  ];
}
