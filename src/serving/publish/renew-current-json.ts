import type { Pipeline } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import { CHAMPION } from '../../models/champion.js';
import { writePointer } from './publish.js';
import { folderName, publishedFolders } from './published-files.js';

/**
 * Writes `current.json` again if it names an earlier generation than the link serves: the disk refused it when the version was
 * published. A pointer that was changed by hand is left for people to see.
 */
export async function renewPointer(
  services: Pick<Services, 'registry' | 'files' | 'emit'>,
  { model }: Pick<Pipeline, 'model'>,
): Promise<void> {
  const { models } = services.registry;
  const path = model?.publish?.path;
  const move = model === undefined ? undefined : models.alias(model.name, CHAMPION);
  const version = move === undefined ? undefined : models.get({ model: move.model, version: move.to });
  if (path === undefined || move === undefined || version === undefined) return;
  const text = await services.files.readText(`${path}/current.json`);
  if (!text.ok || !isEarlier(text.value, move.generation)) return;
  const [served] = publishedFolders([
    (await services.files.readLink(`${path}/current`))?.slice('versions/'.length) ?? '',
  ]);
  if (served === undefined || served.name !== folderName(version, served.attempt)) return;
  await writePointer(services, { version, path, folder: served.name, generation: move.generation });
}

function isEarlier(text: string, generation: number): boolean {
  try {
    const said: unknown = JSON.parse(text);
    return typeof said === 'object' && said !== null && 'generation' in said && Number(said.generation) < generation;
  } catch {
    return false;
  }
}
