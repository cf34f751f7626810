import type { Failure } from '../../domain/failure.js';
import { CONTAINER_ENGINES, type ContainerEngine, type StepImages } from '../../domain/pipeline/container.js';
import type { Step } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { loadWorkspaceSettings } from '../../pipeline/workspace-settings.js';
import { apptainerImage } from './apptainer-image.js';
import { type EngineServices, runEngine } from './run-engine.js';

type ImageServices = EngineServices & Pick<Services, 'memo' | 'emit' | 'artifacts'>;

/**
 * Finds the engine and asks it for the images of these steps; pulls those that are not here. `undefined`: no step has one. It
 * starts processes, so commands that only read never call it.
 */
export async function resolveImages(
  services: ImageServices,
  steps: readonly Step[],
): Promise<Result<StepImages | undefined, Failure>> {
  const step = steps.find(({ image }) => image !== undefined);
  if (step === undefined) return ok(undefined);
  const settings = await loadWorkspaceSettings(services);
  if (!settings.ok) return settings;
  const { engine: named, options = [] } = settings.value.container ?? {};
  const engine = await findEngine(services, step, named);
  if (!engine.ok) return engine;
  const references = new Map<string, string>();
  const ids = new Map<string, string>();
  for (const image of new Set(steps.flatMap((one) => one.image ?? []))) {
    const resolve = engine.value === 'apptainer' ? apptainerImage : storedImage;
    const found = await resolve(services, engine.value, image);
    if (!found.ok) return found;
    references.set(image, found.value.reference);
    ids.set(image, found.value.id);
  }
  return ok({ engine: engine.value, options, references, ids });
}

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
): Promise<Result<{ readonly reference: string; readonly id: string }, Failure>> {
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
