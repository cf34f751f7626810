import type { Failure } from '../../domain/failure.js';
import {
  CONTAINER_ENGINES,
  type ContainerEngine,
  digestIn,
  isImageFile,
  type StepImages,
} from '../../domain/pipeline/container.js';
import type { Step } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { loadWorkspaceSettings } from '../../pipeline/workspace-settings.js';
import { apptainerImage } from './apptainer-image.js';
import { type EngineServices, runEngine } from './run-engine.js';

type ImageServices = EngineServices & Pick<Services, 'memo' | 'emit' | 'artifacts'>;

/**
 * Finds the engine and asks it for the images of these steps; pulls those that are not here. `undefined`: no step has one. It
 * starts processes, so commands that only read never call it. `onNodes`: steps that the engines of a cluster's nodes run; no engine is
 * needed here for those whose image says by itself what it is.
 */
export async function resolveImages(
  services: ImageServices,
  steps: readonly Step[],
  onNodes: readonly Step[] = [],
): Promise<Result<StepImages | undefined, Failure>> {
  if (![...steps, ...onNodes].some(({ image }) => image !== undefined)) return ok(undefined);
  const loaded = await loadWorkspaceSettings(services);
  if (!loaded.ok) return loaded;
  const settings = loaded.value.container ?? { options: [] };
  const asking = [...steps, ...onNodes.filter(({ image }) => image !== undefined && !isFixed(image))];
  const step = asking.find(({ image }) => image !== undefined);
  const engine = step === undefined ? undefined : await findEngine(services, step, settings.engine);
  if (engine?.ok === false) return engine;
  const found = new Map<string, FoundImage>();
  const wanted: (readonly [string, ContainerEngine])[] = onNodes.flatMap(({ image = '' }) =>
    isImageFile(image) ? [[image, 'apptainer'] as const] : [],
  );
  for (const { image } of asking) if (image !== undefined && engine !== undefined) wanted.push([image, engine.value]);
  for (const [image, by] of new Map(wanted)) {
    const one = await (by === 'apptainer' ? apptainerImage : storedImage)(services, by, image);
    if (!one.ok) return one;
    found.set(image, one.value);
  }
  return ok({
    settings,
    engine: engine?.value,
    references: new Map([...found].map(([image, { reference }]) => [image, reference])),
    ids: new Map([...found].map(([image, { id }]) => [image, id])),
  });
}

interface FoundImage {
  readonly reference: string;
  readonly id: string;
}

/** Whether the image is named by its digest, or is a file: then it is the same whichever engine is asked. */
const isFixed = (image: string): boolean => digestIn(image) !== undefined || isImageFile(image);

/** The engine that the settings name, or the first one that is installed. */
async function findEngine(
  services: ImageServices,
  step: Step,
  named: ContainerEngine | undefined,
): Promise<Result<ContainerEngine, Failure>> {
  for (const engine of named === undefined ? CONTAINER_ENGINES : [named]) {
    const asked = await runEngine(services, step.name, [engine, '--version']);
    if (asked.ok && asked.value.isGood) return ok(engine);
    if (!asked.ok && !isMissing(asked.error, engine)) return asked;
  }
  return err({ code: 'container-engine-missing', step: step.name, image: step.image ?? '', engine: named });
}

/** Another reason, such as too many open files, does not mean that the engine is not installed. */
const isMissing = (failure: Failure, engine: ContainerEngine): boolean =>
  failure.code === 'step-not-started' && failure.reason.startsWith(`"${engine}" was not found`);

/** An image in the store of Podman or Docker. */
async function storedImage(
  services: ImageServices,
  engine: ContainerEngine,
  image: string,
): Promise<Result<FoundImage, Failure>> {
  const ask = () => runEngine(services, image, [engine, 'image', 'inspect', '--format', '{{.Id}}', image]);
  let asked = await ask();
  if (asked.ok && !asked.value.isGood) {
    services.emit({ type: 'phase', text: `pulling ${image}` });
    const pulled = await runEngine(services, image, [engine, 'pull', image]);
    if (!pulled.ok) return pulled;
    if (!pulled.value.isGood) return err({ code: 'image-unavailable', image, engine, tail: pulled.value.tail });
    asked = await ask();
  }
  if (!asked.ok) return asked;
  // Podman prints the bare hash, Docker with its algorithm.
  const id = /\b[0-9a-f]{64}\b/.exec(asked.value.text)?.[0];
  if (id === undefined) return err({ code: 'image-unavailable', image, engine, tail: asked.value.tail });
  return ok({ reference: id, id });
}
