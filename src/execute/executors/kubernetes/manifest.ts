import type { RunId } from '../../../domain/ids.js';
import type { KubernetesSettings, Volume } from '../../../domain/pipeline/kubernetes.js';
import type { Step } from '../../../domain/pipeline/pipeline.js';
import type { JobRequest } from '../../../domain/ports/executors.js';
import { JOB_OF_RUN } from '../../../domain/runs/job.js';
import type { Json, JsonObject } from '../../../domain/support/json.js';
import { DAY_MS, SECOND_MS } from '../../../domain/support/time.js';

/** The container that runs the command of the step. */
export const CONTAINER = 'step';

/** The label by which the jobs of a run are found. */
export const RUN_LABEL = 'refit/run';

/** Made from run, step and attempt, so that a second creation of the same attempt is refused by the cluster. */
export const jobNameOf = (run: RunId, task: string): string => `refit-${run}-${task.replace('.', '-')}`;

interface ManifestFacts {
  readonly name: string;
  readonly settings: KubernetesSettings;
  /** Absolute: the workspace, which is mounted at the same path. */
  readonly root: string;
  /** Absent where files should belong to whom the image says. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
}

const DEFAULT_GPU = 'nvidia.com/gpu';
/** As long as a step of this machine has between TERM and KILL. */
const GRACE_SECONDS = 10;

/** The Job of one attempt. It holds no value of a secret. */
export function jobManifest(request: JobRequest, facts: ManifestFacts): JsonObject {
  const { step, run, pipeline } = request;
  const { name, settings } = facts;
  const labels = {
    ...settings.labels,
    'app.kubernetes.io/managed-by': 'refit',
    [RUN_LABEL]: run,
    'refit/pipeline': labelOf(pipeline.name),
    'refit/step': labelOf(step.declaredName),
  };
  const annotations = { 'refit/step': step.name };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, labels, annotations },
    spec: {
      backoffLimit: 0,
      ttlSecondsAfterFinished: Math.ceil((settings.keepMs ?? DAY_MS) / SECOND_MS),
      activeDeadlineSeconds: step.timeoutMs === undefined ? undefined : Math.ceil(step.timeoutMs / SECOND_MS),
      template: { metadata: { labels, annotations }, spec: podSpec(request, facts) },
    },
  };
}

function podSpec(request: JobRequest, { settings, root, user }: ManifestFacts): JsonObject {
  const { step } = request;
  const volumes = [
    ...(settings.workspace === undefined ? [] : [{ ...settings.workspace, mount: root }]),
    ...(settings.volumes ?? []),
  ];
  return {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: GRACE_SECONDS,
    // The step is not process number 1, for which the kernel drops signals that it does not catch.
    shareProcessNamespace: true,
    ...(settings.serviceAccount === undefined
      ? { automountServiceAccountToken: false }
      : { serviceAccountName: settings.serviceAccount }),
    nodeSelector: settings.nodeSelector,
    tolerations: settings.tolerations,
    imagePullSecrets: settings.imagePullSecrets?.map((secret) => ({ name: secret })),
    ...(user === undefined ? {} : { securityContext: { runAsUser: user.uid, runAsGroup: user.gid } }),
    volumes: volumes.map((volume, i) => ({ name: `v${i}`, ...sourceOf(volume) })),
    containers: [
      {
        name: CONTAINER,
        image: step.image ?? settings.image,
        command: request.command.argv.map(literally),
        workingDir: root,
        env: variablesOf(request, settings),
        resources: resourcesOf(step, settings),
        volumeMounts: volumes.map((volume, i) => ({
          name: `v${i}`,
          mountPath: volume.mount,
          subPath: 'claim' in volume ? volume.subPath : undefined,
          readOnly: 'isReadOnly' in volume && volume.isReadOnly === true ? true : undefined,
        })),
      },
    ],
  };
}

const sourceOf = (volume: Volume): JsonObject =>
  'claim' in volume
    ? { persistentVolumeClaim: { claimName: volume.claim } }
    : { hostPath: { path: volume.hostPath, type: 'Directory' } };

/** Kubernetes replaces `$(NAME)` in commands and values, and makes one sign of two. */
const literally = (text: string): string => text.replaceAll('$', '$$$$');

/** What the manifest shows to everybody who may read it, as it was before signs were doubled or escaped. */
export const openTexts = (request: JobRequest, settings: KubernetesSettings): readonly string[] => [
  ...[request.step.name, request.pipeline.name, ...request.command.argv],
  ...Object.entries({ ...settings.labels, ...settings.nodeSelector }).flat(),
  ...openVariables(request).flatMap((name) => request.command.env[name] ?? []),
];

/** What refit tells every step. Other variables of this machine with such names are its own business. */
const OF_REFIT = [
  'REFIT_RUN_ID',
  'REFIT_STEP',
  'REFIT_ATTEMPT',
  'REFIT_RESUME',
  'REFIT_CHECKPOINT',
  'REFIT_PARAMS',
  'REFIT_METRICS',
] as const;

/** A step inherits nothing of this machine: it gets what it declares, what refit tells it, and what its image sets. */
function variablesOf({ step, run, command }: JobRequest, settings: KubernetesSettings): readonly JsonObject[] {
  const secrets = new Set(step.secrets.map(({ name }) => name));
  return [
    ...openVariables({ step }).flatMap((name) => {
      const value = command.env[name];
      return value === undefined ? [] : [{ name, value: literally(value) }];
    }),
    // A process of a cluster of one machine is no orphan when this refit is killed.
    { name: JOB_OF_RUN, value: run },
    ...[...secrets].map((name) => {
      const place = settings.secrets?.[name];
      if (place === undefined) throw new Error(`internal error: the place of the secret ${name} was not checked`);
      return { name, valueFrom: { secretKeyRef: { name: place.secret, key: place.key } } };
    }),
  ];
}

function openVariables({ step }: Pick<JobRequest, 'step'>): readonly string[] {
  const secrets = new Set(step.secrets.map(({ name }) => name));
  return [...Object.keys(step.env), ...OF_REFIT].filter((name) => !secrets.has(name));
}

function resourcesOf({ resources: { cpus, memory, gpus } }: Step, { gpu = DEFAULT_GPU }: KubernetesSettings) {
  const requests: Record<string, Json> = {};
  const limits: Record<string, Json> = {};
  if (cpus !== undefined && cpus > 0) requests.cpu = `${Math.ceil(cpus * 1000)}m`;
  if (memory !== undefined && memory > 0) {
    requests.memory = `${Math.ceil(memory)}`;
    limits.memory = requests.memory;
  }
  if (gpus !== undefined && gpus > 0) limits[gpu] = String(Math.ceil(gpus));
  return { requests, limits };
}

const labelOf = (text: string): string =>
  text
    .replace(/[^A-Za-z0-9_.-]+/g, '-')
    .slice(0, 63)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
