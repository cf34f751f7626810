import { digestIn } from '../domain/pipeline/container.js';
import type { Diagnostic } from '../domain/pipeline/diagnostic.js';
import { type ExecutorName, type ExecutorSettings, engineOf } from '../domain/pipeline/executor.js';
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
  if (engine === 'slurm') return stagingFault(step, name, settings);
  const fault = kubernetesFault(step, name, settings);
  if (fault !== undefined || surroundings.hasProgram('kubectl')) return fault;
  return {
    code: 'kubectl-missing',
    problem: `step "${step.declaredName}" runs on Kubernetes, and kubectl is not on the PATH`,
    next: 'install it (Debian: apt install kubernetes-client), or add --executor local',
  };
}

/** What hinders a step on nodes that do not see the workspace. */
function stagingFault(
  { declaredName, inputs, environment }: Step,
  name: ExecutorName,
  all: ExecutorSettings,
): ExecutorFault | undefined {
  const { staging, remote } = slurmSettings(all, name);
  if (staging !== 'store') return undefined;
  if (remote === undefined)
    return {
      code: 'executor-incomplete',
      problem: `step "${declaredName}" runs with staging: store, and refit.yaml does not say through which remote`,
      next: 'write executors: { slurm: { remote: … } }, with a name under "remotes"; see docs/scale.md',
    };
  if (inputs === undefined)
    return {
      code: 'not-stageable',
      problem: `step "${declaredName}" runs on nodes that do not see the workspace, and does not say what it reads`,
      next: 'list its files under "inputs" (also its scripts; [] if it reads none), or write executor: local in this step',
    };
  if (environment === undefined) return undefined;
  return {
    code: 'not-stageable',
    problem: `step "${declaredName}" runs on nodes that do not see the workspace, where the ${environment.kind} environment "${environment.name}" of this machine is not`,
    next: `install its packages on the nodes and remove "${environment.kind}", or write executor: local in this step`,
  };
}

function kubernetesFault(
  { declaredName, image, environment, secrets }: Step,
  name: ExecutorName,
  all: ExecutorSettings,
): ExecutorFault | undefined {
  const settings = kubernetesSettings(all, name);
  const lack = (problem: string, next: string): ExecutorFault => ({ code: 'executor-incomplete', problem, next });
  if (settings.workspace === undefined)
    return lack(
      `step "${declaredName}" runs on Kubernetes, and refit.yaml does not say which volume holds the workspace`,
      'write executors: { kubernetes: { workspace: { claim: … } } }, see docs/kubernetes.md',
    );
  if (image === undefined && settings.image === undefined)
    return lack(
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
    return lack(
      `step "${declaredName}" runs on Kubernetes, where the ${environment.kind} environment "${environment.name}" of this machine is not`,
      `put its packages into an image and remove "${environment.kind}", or write executor: local in this step`,
    );
  const homeless = secrets.find((secret) => settings.secrets?.[secret.name] === undefined);
  if (homeless === undefined) return undefined;
  return lack(
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
