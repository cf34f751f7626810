import { CONTAINER_ENGINES, digestIn, isImageFile } from '../../../domain/pipeline/container.js';
import type { CommandRun, JobRequest } from '../../../domain/ports/executors.js';
import type { Services } from '../../../domain/ports/services.js';
import type { JobContainer } from '../../../domain/runs/job-files.js';
import { pulledFile } from '../../containers/apptainer-image.js';
import { containerName, containerVariables, GPUS } from '../../containers/container-parts.js';

/** How a node runs a step with an image; `undefined` for one without. `variables`: those of the step. */
export function jobContainer(
  services: Pick<Services, 'files' | 'surroundings'>,
  { step, run, images }: JobRequest,
  variables: CommandRun['env'],
): JobContainer | undefined {
  const { image } = step;
  if (image === undefined) return undefined;
  if (images === undefined) throw new Error(`internal error: the image of ${step.name} was not resolved`);
  const named = images.settings.engine;
  const digest = digestIn(image);
  const isFile = isImageFile(image) || (digest === undefined && images.engine === 'apptainer');
  const any = digest === undefined ? CONTAINER_ENGINES.filter((engine) => engine !== 'apptainer') : CONTAINER_ENGINES;
  const { open, inherited } = containerVariables(services, step, variables);
  return {
    step: step.name,
    engines: isFile ? ['apptainer'] : named === undefined ? any : [named],
    image,
    ...(isFile ? { file: images.references.get(image) } : {}),
    ...(isFile ? {} : { pulledFile: services.files.absolute(pulledFile(image)) }),
    ...(digest === undefined && !isFile ? { id: images.ids.get(image) } : {}),
    namePrefix: containerName(step, run),
    linked: services.files.linkedFolders(),
    user: services.surroundings.user(),
    options: images.settings.options,
    open: Object.fromEntries(Object.entries(open).filter(([name]) => name !== GPUS || Object.hasOwn(step.env, name))),
    inherited,
  };
}

/**
 * What an engine has to know on any machine: where programs and its own settings are. Runtime folders are each machine's own. The step
 * can read all of it, so no name is here that usually holds a password or a token.
 */
const FOR_ENGINES = /^(PATH|HOME|USER|LOGNAME|LANG|LC_\w+|XDG_CONFIG_HOME|XDG_DATA_HOME)$/;
const OF_ENGINES = new Set([
  'DOCKER_CONFIG',
  'DOCKER_CONTEXT',
  'DOCKER_CERT_PATH',
  'DOCKER_TLS_VERIFY',
  'CONTAINERS_CONF',
  'CONTAINERS_STORAGE_CONF',
  'CONTAINERS_REGISTRIES_CONF',
  'REGISTRY_AUTH_FILE',
  'APPTAINER_CACHEDIR',
  'APPTAINER_TMPDIR',
]);
/** Addresses, which may hold a password. */
const ADDRESSES = /^(DOCKER_HOST|CONTAINER_HOST|(HTTP|HTTPS|NO)_PROXY)$/i;
/** Who logs in over ssh is no secret. */
const isOpen = (address: string): boolean => !address.includes('@') || /^ssh:\/\/[^:@/]+@[^@]*$/.test(address);

/** Of the variables that refit has, those that the engine on a node gets. */
export const engineVariables = ({ surroundings }: Pick<Services, 'surroundings'>): CommandRun['env'] =>
  Object.fromEntries(
    Object.entries(surroundings.env()).filter(
      ([name, value]) => FOR_ENGINES.test(name) || OF_ENGINES.has(name) || (ADDRESSES.test(name) && isOpen(value)),
    ),
  );
