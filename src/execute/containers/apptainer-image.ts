import { createHash } from 'node:crypto';
import type { Failure } from '../../domain/failure.js';
import type { WorkspacePath } from '../../domain/ids.js';
import { type ContainerEngine, isImageFile } from '../../domain/pipeline/container.js';
import type { Services } from '../../domain/ports/services.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { type EngineServices, runEngine } from './run-engine.js';

/** Images that Apptainer has pulled, each a file. */
const FOLDER = '.refit/images';

/** Where an image of a registry lies once it is pulled, workspace-relative. */
export const pulledFile = (image: string): string =>
  `${FOLDER}/${createHash('sha256').update(image).digest('hex')}.sif`;

/** A file of the workspace (`image: env.sif`), or one that Apptainer pulls once from a registry. */
export async function apptainerImage(
  services: EngineServices & Pick<Services, 'emit' | 'artifacts'>,
  engine: ContainerEngine,
  image: string,
): Promise<Result<{ readonly reference: string; readonly id: string }, Failure>> {
  const path = isImageFile(image) ? image : pulledFile(image);
  if (path !== image && (await services.files.stat(path)) === undefined) {
    services.emit({ type: 'phase', text: `pulling ${image}` });
    await services.files.makeFolder(FOLDER);
    const from = /^\w+:\/\//.test(image) ? image : `docker://${image}`;
    const scratch = await services.files.makeScratch('image');
    try {
      const whole = `${scratch}/image.sif`;
      const pulled = await runEngine(services, image, [engine, 'pull', services.files.absolute(whole), from]);
      if (!pulled.ok) return pulled;
      if (!pulled.value.isGood) return err({ code: 'image-unavailable', image, engine, tail: pulled.value.tail });
      // A pull that is killed leaves half of a file.
      await services.files.move(whole, path);
    } finally {
      await services.files.remove(scratch);
    }
  }
  const artifact = (await services.artifacts.hash([path as WorkspacePath])).get(path as WorkspacePath);
  if (artifact === undefined)
    return err({ code: 'image-unavailable', image, engine, tail: [`${path} is not in the workspace`] });
  return ok({ reference: services.files.absolute(path), id: artifact.hash });
}
