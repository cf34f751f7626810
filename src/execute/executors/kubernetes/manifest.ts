import type { RunId } from '../../../domain/ids.js';
import type { KubernetesSettings, Volume } from '../../../domain/pipeline/kubernetes.js';
import type { Step } from '../../../domain/pipeline/pipeline.js';
import type { JobRequest } from '../../../domain/ports/executors.js';
import { JOB_OF_RUN } from '../../../domain/runs/job.js';
import { NOBODY_WAITS, type PodStart, podFiles } from '../../../domain/runs/staged-pod.js';
import type { Json, JsonObject } from '../../../domain/support/json.js';
import { DAY_MS, SECOND_MS } from '../../../domain/support/time.js';

/** The container that runs the command of the step. */
export const CONTAINER = 'step';
/**
 * For pods that do not see the workspace: the containers that fetch files before the command runs, and upload files after
 * it has ended.
 */
export const FETCH = 'fetch';
export const SEND = 'send';

/** The label by which the jobs of a run are found. */
export const RUN_LABEL = 'refit/run';

/** Made from run, step and attempt, so that a second creation of the same attempt is refused by the cluster. */
export const jobNameOf = (run: RunId, task: string): string => `refit-${run}-${task.replace('.', '-')}`;

interface ManifestFacts {
  readonly name: string;
  readonly settings: KubernetesSettings;
  /** Absolute: the workspace, which is mounted at the same path. */
  readonly root: string;
  /** Absent if files should belong to the user of the image. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
  /** Settings of the containers that carry files. If absent, the workspace is mounted as a volume. */
  readonly start?: PodStart | undefined;
}

const DEFAULT_GPU = 'nvidia.com/gpu';
/** As long as a step of this machine has between TERM and KILL. */
const GRACE_SECONDS = 10;
/** The same, and some time to send a checkpoint. */
const STAGED_GRACE_SECONDS = 60;
/** Extra time for the node, the images and copying. The program in the pod keeps the time limit of the command. */
const COPYING_SECONDS = 3600;

/** The Job of one attempt. It holds no value of a secret. */
export function jobManifest(request: JobRequest, facts: ManifestFacts): JsonObject {
  const { step, run, pipeline } = request;
  const { name, settings } = facts;
  const copying = facts.start === undefined ? 0 : COPYING_SECONDS;
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
      activeDeadlineSeconds: step.timeoutMs === undefined ? undefined : Math.ceil(step.timeoutMs / SECOND_MS) + copying,
      template: { metadata: { labels, annotations }, spec: podSpec(request, facts) },
    },
  };
}

function podSpec(request: JobRequest, { settings, root, user, start }: ManifestFacts): JsonObject {
  const { step } = request;
  const volumes = [
    ...(settings.workspace === undefined || start !== undefined ? [] : [{ ...settings.workspace, mount: root }]),
    ...(settings.volumes ?? []),
  ];
  const argv = start === undefined ? request.command.argv : waitedFor(request.command.argv, start);
  return {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: start === undefined ? GRACE_SECONDS : STAGED_GRACE_SECONDS,
    // The step is not process number 1, for which the kernel drops signals that it does not catch.
    shareProcessNamespace: true,
    ...(settings.serviceAccount === undefined
      ? { automountServiceAccountToken: false }
      : { serviceAccountName: settings.serviceAccount }),
    nodeSelector: settings.nodeSelector,
    tolerations: settings.tolerations,
    imagePullSecrets: settings.imagePullSecrets?.map((secret) => ({ name: secret })),
    ...securityOf(user, start),
    volumes: [
      ...volumes.map((volume, i) => ({ name: `v${i}`, ...sourceOf(volume) })),
      ...(start === undefined ? [] : [WORKSPACE, WORDS].map((empty) => ({ name: empty, emptyDir: {} }))),
    ],
    ...(start === undefined ? {} : { initContainers: [carrier(FETCH, settings, start)] }),
    containers: [
      {
        name: CONTAINER,
        image: step.image ?? settings.image,
        command: argv.map(literally),
        workingDir: root,
        env: variablesOf(request, settings),
        resources: resourcesOf(step, settings),
        volumeMounts: [
          ...volumes.map((volume, i) => ({
            name: `v${i}`,
            mountPath: volume.mount,
            subPath: 'claim' in volume ? volume.subPath : undefined,
            readOnly: 'isReadOnly' in volume && volume.isReadOnly === true ? true : undefined,
          })),
          ...(start === undefined ? [] : emptyMounts(start)),
        ],
      },
      ...(start === undefined ? [] : [carrier(SEND, settings, start)]),
    ],
  };
}

/** All containers are of the same user where one reads and ends what another has made. */
function securityOf(user: ManifestFacts['user'], start: PodStart | undefined): JsonObject {
  if (user === undefined) return {};
  const { uid, gid } = user;
  return {
    securityContext: { runAsUser: uid, runAsGroup: gid, ...(start === undefined ? {} : { fsGroup: gid }) },
  };
}

/** The empty volume that stands for the workspace. */
const WORKSPACE = 'workspace';
/** The volume through which the containers communicate. */
const WORDS = 'words';

const emptyMounts = ({ root, folder }: PodStart): readonly JsonObject[] => [
  { name: WORKSPACE, mountPath: root },
  { name: WORDS, mountPath: folder },
];

/**
 * Starts a command when the other container is ready, and tells that container how the command goes. A signal sent to the
 * pod does not end this shell, because it still has to write the exit status. The other container passes the signal on to
 * the command.
 */
const WAITING = `d=$1; shift; i=0
until [ -e "$d/${podFiles.ready}" ] || [ $i -ge 700 ]; do
  i=$((i + 1))
  { [ $i -le 100 ] && sleep 0.1; } || sleep 1
done 2>/dev/null
[ -e "$d/${podFiles.ready}" ] || {
  echo ${NOBODY_WAITS} > "$d/${podFiles.exit}"
  echo 'refit: the container "${SEND}" of this pod does not start' >&2
  exit ${NOBODY_WAITS}
}
trap : TERM INT HUP
echo $$ > "$d/${podFiles.pid}"
"$@"
c=$?
echo $c > "$d/${podFiles.exit}"
exit $c`;

const waitedFor = (argv: readonly string[], { folder }: PodStart): readonly string[] => [
  ...['sh', '-c', WAITING, 'sh', folder],
  ...argv,
];

/** The containers that carry files need few resources. */
const FOR_CARRYING = { cpu: '100m', memory: '128Mi' };

function carrier(name: typeof FETCH | typeof SEND, settings: KubernetesSettings, start: PodStart): JsonObject {
  return {
    name,
    image: settings.stagingImage,
    command: ['refit-job', `--${name}`, JSON.stringify(start)].map(literally),
    env: [{ name: 'REFIT_NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
    envFrom: settings.stagingSecret === undefined ? undefined : [{ secretRef: { name: settings.stagingSecret } }],
    resources: { requests: FOR_CARRYING },
    volumeMounts: emptyMounts(start),
  };
}

const sourceOf = (volume: Volume): JsonObject =>
  'claim' in volume
    ? { persistentVolumeClaim: { claimName: volume.claim } }
    : { hostPath: { path: volume.hostPath, type: 'Directory' } };

/** Kubernetes replaces `$(NAME)` in commands and values, and turns `$$` into `$`. */
const literally = (text: string): string => text.replaceAll('$', '$$$$');

/** What the manifest shows to everybody who may read it, before characters are doubled or escaped. */
export const openTexts = (request: JobRequest, settings: KubernetesSettings): readonly string[] => [
  ...[request.step.name, request.pipeline.name, ...request.command.argv],
  ...Object.entries({ ...settings.labels, ...settings.nodeSelector }).flat(),
  ...openVariables(request).flatMap((name) => request.command.env[name] ?? []),
];

/** Variables that refit gives to every step. Other variables of this machine with such names are not passed on. */
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
    // On a single-machine cluster, the processes of a pod must not count as orphans of a killed refit.
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
