import type { Services } from '../domain/ports/services.js';

/** Intents that a crash left open: rolled forward where the symlink already points at them, else given up. */
export async function recoverPublish(services: Pick<Services, 'registry' | 'files' | 'clock' | 'emit'>): Promise<void> {
  const { models } = services.registry;
  for (const intent of models.openIntents()) {
    const { publishPath, folder } = intent;
    const target = publishPath === undefined ? undefined : await services.files.readLink(`${publishPath}/current`);
    const isDone = folder !== undefined && target === `versions/${folder}`;
    const what = `${intent.move.model}@${intent.move.to}`;
    if (isDone) models.commitIntent(intent.id, services.clock.now());
    else models.abortIntent(intent.id, services.clock.now(), 'interrupted before its commit point');
    services.emit({
      type: 'warning',
      code: 'interrupted-publish',
      text: `publishing ${what} was interrupted: ${isDone ? 'completed' : 'given up, the previous version serves on'}`,
    });
  }
}
