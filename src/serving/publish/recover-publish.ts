import type { PipelineName } from '../../domain/ids.js';
import type { PublishIntent } from '../../domain/models/model.js';
import type { Services } from '../../domain/ports/services.js';
import { writePointer } from './publish.js';

type Dependencies = Pick<Services, 'registry' | 'files' | 'clock' | 'emit'>;

/**
 * Settles intents that a crash left open: completed if the symlink already points at the new version, else aborted.
 * Only for models of this pipeline, whose lock the caller holds, because other models may be in use by other processes.
 */
export async function recoverPublish(services: Dependencies, pipeline: PipelineName): Promise<void> {
  const { models } = services.registry;
  for (const intent of models.openIntents()) {
    if (pipelineOf(services, intent) !== pipeline) continue;
    const { publishPath, folder } = intent;
    const target = publishPath === undefined ? undefined : await services.files.readLink(`${publishPath}/current`);
    const isDone = folder !== undefined && target === `versions/${folder}`;
    const what = `${intent.move.model}@${intent.move.to}`;
    if (isDone) await rollForward(services, intent);
    else models.abortIntent(intent.id, services.clock.now(), 'interrupted before its commit point');
    services.emit({
      type: 'warning',
      code: 'interrupted-publish',
      text: `publishing ${what} was interrupted: ${isDone ? 'completed' : 'given up, the previous version still serves'}`,
    });
  }
}

function pipelineOf({ registry }: Dependencies, { move }: PublishIntent): string | undefined {
  const version = registry.models.get({ model: move.model, version: move.to });
  return version === undefined ? undefined : registry.runs.get(version.run)?.pipeline;
}

async function rollForward(
  services: Dependencies,
  { id, move, publishPath, folder, expectedGeneration }: PublishIntent,
) {
  const { models } = services.registry;
  const version = models.get({ model: move.model, version: move.to });
  if (version !== undefined && publishPath !== undefined && folder !== undefined)
    await writePointer(services, { version, path: publishPath, folder, generation: expectedGeneration + 1 });
  models.commitIntent(id, services.clock.now());
}
