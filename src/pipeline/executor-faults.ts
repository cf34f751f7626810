import { CONTAINER_ENGINES, digestIn, isImageFile } from '../domain/pipeline/container.js';
import type { Diagnostic } from '../domain/pipeline/diagnostic.js';
import {
  type Engine,
  type ExecutorName,
  type ExecutorSettings,
  engineOf,
  type SlurmSettings,
} from '../domain/pipeline/executor.js';
import type { KubernetesSettings } from '../domain/pipeline/kubernetes.js';
import type { Pipeline, Step } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { suggestOne } from '../domain/support/near-miss.js';
import { kubernetesSettings, slurmSettings } from './executor-settings.js';
import { linesOf } from './parse/source/bundle.js';
import { loadWorkspaceSettings } from './workspace-settings.js';

/** Why a step cannot be executed where it is to be. */
export interface ExecutorFault {
  readonly code: 'unknown-profile' | 'executor-incomplete' | 'not-stageable' | 'image-not-fixed' | 'kubectl-missing';
  readonly problem: string;
  readonly next: string;
}

type Where = Pick<Services, 'surroundings'>;

/** What the settings lack for this step. Starts nothing. */
export function executorFault(
  { surroundings }: Where,
  step: Step,
  name: ExecutorName,
  settings: ExecutorSettings,
): ExecutorFault | undefined {
  const named = engineOf(name);
  if (named === undefined) return undefined;
  const { engine, profile } = named;
  const profiles = Object.keys(settings[engine]?.profiles ?? {});
  if (profile !== undefined && !profiles.includes(profile))
    return {
      code: 'unknown-profile',
      problem: `step "${step.declaredName}" is to run with ${name}, and refit.yaml has no profile "${profile}" of ${engine}`,
      next: `${suggestOne(profile, profiles, 'profiles')}; profiles stand in refit.yaml: executors: { ${engine}: { profiles: { ${profile}: { … } } } }`,
    };
  if (engine === 'slurm') return slurmFault(step, name, settings) ?? unknownImage(surroundings, step, settings);
  const fault = kubernetesFault(step, name, settings);
  if (fault !== undefined || surroundings.hasProgram('kubectl')) return fault;
  return {
    code: 'kubectl-missing',
    problem: `step "${step.declaredName}" runs on Kubernetes, and kubectl is not on the PATH`,
    next: 'install it (Debian: apt install kubernetes-client), or add --executor local',
  };
}

function slurmFault(step: Step, name: ExecutorName, all: ExecutorSettings): ExecutorFault | undefined {
  const settings = slurmSettings(all, name);
  if (settings.staging !== 'store') return undefined;
  const fault = stagingFault(step, 'slurm', settings);
  if (fault !== undefined) return fault;
  const { declaredName, environment, image } = step;
  if (image !== undefined)
    return {
      code: 'not-stageable',
      problem: `step "${declaredName}" runs on nodes that do not see the workspace, where this version runs no image`,
      next: 'install its programs on the nodes and remove "image", or write executor: local in this step',
    };
  if (environment === undefined) return undefined;
  return {
    code: 'not-stageable',
    problem: `step "${declaredName}" runs on nodes that do not see the workspace, where the ${environment.kind} environment "${environment.name}" of this machine is not`,
    next: `install its packages on the nodes and remove "${environment.kind}", or write executor: local in this step`,
  };
}

/** A tag whose content nobody here can tell. */
function unknownImage(
  { hasProgram }: Services['surroundings'],
  { declaredName, image }: Step,
  { containerEngine }: ExecutorSettings,
): ExecutorFault | undefined {
  if (image === undefined || digestIn(image) !== undefined || isImageFile(image)) return undefined;
  if ((containerEngine === undefined ? CONTAINER_ENGINES : [containerEngine]).some(hasProgram)) return undefined;
  const missing = containerEngine ?? 'podman, docker or apptainer';
  const install = containerEngine === undefined ? 'install one of them here' : `install ${containerEngine} here`;
  return {
    code: 'image-not-fixed',
    problem: `step "${declaredName}" runs on Slurm in the image ${image}, and this machine has no ${missing} to say which one that is`,
    next: `name it by its digest (name@sha256:…), as "podman image inspect" and registries show it, or ${install}`,
  };
}

/** What hinders a step where nothing of the workspace is but what it declares. */
function stagingFault(
  { declaredName, inputs }: Step,
  engine: Engine,
  { remote }: Pick<SlurmSettings, 'remote'>,
): ExecutorFault | undefined {
  if (remote === undefined)
    return {
      code: 'executor-incomplete',
      problem: `step "${declaredName}" runs with staging: store, and refit.yaml does not say through which remote`,
      next: `write executors: { ${engine}: { remote: … } }, with a name under "remotes"; see docs/${engine === 'slurm' ? 'scale' : 'kubernetes'}.md`,
    };
  if (inputs !== undefined) return undefined;
  return {
    code: 'not-stageable',
    problem: `step "${declaredName}" runs on nodes that do not see the workspace, and does not say what it reads`,
    next: 'list its files under "inputs" (also its scripts; [] if it reads none), or write executor: local in this step',
  };
}

/** What hinders a step in a pod without the volume of the workspace. */
function stagedPodFault(step: Step, settings: KubernetesSettings, remotes: ExecutorSettings['remotes'] = {}) {
  const { declaredName } = step;
  const fault = stagingFault(step, 'kubernetes', settings);
  if (fault !== undefined) return fault;
  const { remote = '', stagingImage } = settings;
  if (remotes[remote]?.kind === 'folder')
    return lacking(
      `step "${declaredName}" runs in pods that do not see the workspace, and the remote "${remote}" is a folder of this machine, which they do not see either`,
      'name a bucket under "remotes" (url: s3://bucket/prefix), or put the workspace on a volume and remove "staging"',
    );
  if (stagingImage !== undefined) return undefined;
  return lacking(
    `step "${declaredName}" runs in pods that do not see the workspace, and refit.yaml names no image with refit that carries its files`,
    'write executors: { kubernetes: { staging_image: … } }; the Containerfile of refit makes one, see docs/kubernetes.md',
  );
}

const lacking = (problem: string, next: string): ExecutorFault => ({ code: 'executor-incomplete', problem, next });

function kubernetesFault(step: Step, name: ExecutorName, all: ExecutorSettings): ExecutorFault | undefined {
  const { declaredName, image, environment, secrets } = step;
  const settings = kubernetesSettings(all, name);
  const unstaged = settings.staging === 'store' ? stagedPodFault(step, settings, all.remotes) : undefined;
  if (unstaged !== undefined) return unstaged;
  if (settings.staging !== 'store' && settings.workspace === undefined)
    return lacking(
      `step "${declaredName}" runs on Kubernetes, and refit.yaml does not say which volume holds the workspace`,
      'write executors: { kubernetes: { workspace: { claim: … } } }, or staging: store; see docs/kubernetes.md',
    );
  if (image === undefined && settings.image === undefined)
    return lacking(
      `step "${declaredName}" runs on Kubernetes and has no image`,
      'name one in the step, or for all steps in refit.yaml: executors: { kubernetes: { image: … } }',
    );
  if (image !== undefined && digestIn(image) === undefined)
    return {
      code: 'image-not-fixed',
      problem: `step "${declaredName}" runs on Kubernetes in the image ${image}, whose content refit cannot know there`,
      next: 'name it by its digest (name@sha256:…), as "podman image inspect" and registries show it; an image of refit.yaml may have a tag',
    };
  if (environment !== undefined)
    return lacking(
      `step "${declaredName}" runs on Kubernetes, where the ${environment.kind} environment "${environment.name}" of this machine is not`,
      `put its packages into an image and remove "${environment.kind}", or write executor: local in this step`,
    );
  const homeless = secrets.find((secret) => settings.secrets?.[secret.name] === undefined);
  if (homeless === undefined) return undefined;
  return lacking(
    `step "${declaredName}" gets the secret ${homeless.name}, and refit.yaml does not say where the cluster keeps it`,
    `write executors: { kubernetes: { secrets: { ${homeless.name}: { secret: …, key: … } } } }`,
  );
}

/** An error for each step that cannot be executed where it is to be. That this machine lacks a program is only a warning. */
export async function executorFaults(
  services: Where & Pick<Services, 'files' | 'memo'>,
  { steps, text }: Pick<Pipeline, 'steps' | 'text'>,
): Promise<readonly Diagnostic[]> {
  const elsewhere = new Map(
    steps.filter(({ executor }) => executor !== 'local').map((step) => [step.declaredName, step]),
  );
  if (elsewhere.size === 0) return [];
  const settings = await loadWorkspaceSettings(services);
  // What is wrong with refit.yaml itself is reported at its own place.
  if (!settings.ok) return [];
  const executors = settings.value.executors ?? {};
  return [...elsewhere.values()].flatMap((step): readonly Diagnostic[] => {
    const fault = executorFault(services, step, step.executor, executors);
    if (fault === undefined) return [];
    return [
      {
        severity: fault.code === 'kubectl-missing' ? 'warning' : 'error',
        code: fault.code,
        message: fault.problem,
        suggestion: fault.next,
        at: step.at,
        sourceLine: linesOf(text)(step.at),
      },
    ];
  });
}
