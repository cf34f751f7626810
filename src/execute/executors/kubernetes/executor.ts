import type { RemoteTarget } from '../../../domain/exchange/remote.js';
import type { Failure } from '../../../domain/failure.js';
import type { RunId, WorkspacePath } from '../../../domain/ids.js';
import type { KubernetesSettings } from '../../../domain/pipeline/kubernetes.js';
import type { Executor, JobRequest, SubmittedJob } from '../../../domain/ports/executors.js';
import type { Services } from '../../../domain/ports/services.js';
import { hasSucceeded } from '../../../domain/runs/run.js';
import { POD_FOLDER, POD_FORMAT, type PodStart } from '../../../domain/runs/staged-pod.js';
import { err, ok, type Result } from '../../../domain/support/result.js';
import { MINUTE_MS } from '../../../domain/support/time.js';
import { pathsWritten } from '../../attempt/outputs.js';
import {
  folderOfRun,
  markCancelled,
  type PlacedJob,
  removeTask,
  type StagedPlace,
  taskName,
  writeRecord,
} from '../job-folder.js';
import { shownLog, tailOf } from '../shown-log.js';
import { isStaged, type StagedJob } from '../staging/bring.js';
import { type Courier, createCourier } from '../staging/courier.js';
import { PLACE_VARIABLES } from '../staging/send-jobs.js';
import { createStores, stagedPlace } from '../staging/stores.js';
import { type Sending, send, unsent } from '../staging/submit.js';
import { createKubernetesClient, type KubernetesClient, type NotCreated } from './client.js';
import { jobManifest, jobNameOf, openTexts } from './manifest.js';
import { type ClusterPlace, createPlaces } from './place.js';
import { createPodLog } from './pod-log.js';
import { createStagedSide } from './staged-side.js';
import { createTurns, type Turns } from './turns.js';
import { createJobWatch, type JobWatch, type WatchedEnd } from './watch.js';

/** What the jobs of one run have in common. */
export interface KubernetesJobs {
  readonly client: (place: ClusterPlace) => KubernetesClient;
  readonly courier: Courier;
  /** The executor that submits with these settings. */
  readonly executor: (settings: KubernetesSettings) => Executor;
  /** A job that the cluster accepted, from this refit or from one that was killed. */
  readonly follow: (job: KubernetesJob, masked?: readonly string[]) => SubmittedJob;
}

/** A job with what identifies it in the cluster. */
export interface KubernetesJob extends PlacedJob {
  readonly record: PlacedJob['record'] & Required<Pick<PlacedJob['record'], 'kubernetes'>>;
}

const START_WITHIN_MS = 5 * MINUTE_MS;
const MOST_FOLLOWED = 16;
const MOST_FETCHED = 4;
const MOST_CREATED = 16;

interface Cluster {
  readonly client: KubernetesClient;
  readonly watch: JobWatch;
}

/**
 * The jobs of one run in Kubernetes. `remotes`: those of refit.yaml by name, for pods that do not see the workspace.
 * One watch and one client for each place.
 */
export function createKubernetesJobs(
  services: Services,
  run: RunId,
  remotes: Readonly<Record<string, RemoteTarget>> = {},
): KubernetesJobs {
  const open = createStores(services);
  const courier = createCourier(services, open);
  const staging: Staging = { open, known: new Set(), courier, remotes };
  const clusters = new Map<string, Cluster>();
  const turns = { following: createTurns(MOST_FOLLOWED), fetching: createTurns(MOST_FETCHED) };
  const creating = createTurns(MOST_CREATED);
  const placeOf = createPlaces(services);
  const clusterAt = (place: ClusterPlace): Cluster => {
    const key = JSON.stringify([place.context, place.namespace]);
    const known = clusters.get(key);
    if (known !== undefined) return known;
    const client = createKubernetesClient(services, place, run);
    const made = { client, watch: createJobWatch(services, client, courier.askStores) };
    clusters.set(key, made);
    return made;
  };
  const follow: KubernetesJobs['follow'] = (job, masked = []) => {
    const { client, watch } = clusterAt(job.record.kubernetes);
    const [current] = job.record.tries;
    const again = `${job.folder}/${job.task}/again.log`;
    const hidden = [...masked, ...services.surroundings.masked()];
    const path = current?.logPath ?? again;
    const log = createPodLog(services, client, { path, again, masked: hidden, turns });
    return followed(services, { watch, staging }, { job, log });
  };
  return {
    follow,
    courier,
    client: (place) => clusterAt(place).client,
    executor: (settings) => ({
      isLocal: false,
      folderOf: async (step, attempt) => {
        const folder = `${folderOfRun(run)}/${taskName(step.name, attempt)}` as WorkspacePath;
        await services.files.makeFolder(folder);
        return folder;
      },
      submit: async (request) => {
        const place = await placeOf(settings);
        if (!place.ok) return place;
        const to = { client: clusterAt(place.value).client, place: place.value, creating, staging };
        const job = await submit(services, to, { request, settings });
        if (job.ok) return ok(follow(job.value, request.command.masked));
        if (services.signal.aborted) return ok(cancelled(request));
        return typeof job.error === 'string' ? err(job.error) : ok(unsent(request, job.error));
      },
    }),
  };
}

const manifestPath = ({ folder, task }: PlacedJob): string => `${folder}/${task}/manifest.json`;

/** What carries the files of pods that do not see the workspace. */
interface Staging extends Sending {
  readonly courier: Courier;
  readonly remotes: Readonly<Record<string, RemoteTarget>>;
}

interface Target {
  readonly client: KubernetesClient;
  readonly place: ClusterPlace;
  /** Every creation is a process of kubectl, of which few may run at a time. */
  readonly creating: Turns;
  readonly staging: Staging;
}

interface Wanted {
  readonly request: JobRequest;
  readonly settings: KubernetesSettings;
}

/** The record and the manifest are written first, so that the job is found again after a kill. */
async function submit(
  services: Services,
  { client, place, creating, staging }: Target,
  wanted: Wanted,
): Promise<Result<KubernetesJob, string | Failure>> {
  const { request, settings } = wanted;
  const store = await stagedPlace(services, settings, staging.remotes);
  if (store?.ok === false) return store;
  const job = recordOf(wanted, place, store?.value);
  const { name } = job.record.kubernetes;
  if (services.surroundings.maskedIn(openTexts(request, settings)).length > 0) return err(SHOWN);
  const recorded = await writeRecord(services, job);
  if (!recorded.ok) return err(UNWRITABLE);
  const written = await writeManifest(services, staging, job, wanted);
  if (!written.ok) {
    await drop(services, staging, job);
    return written;
  }
  const created = await creating(async () =>
    services.signal.aborted
      ? err({ words: 'refit was told to end', isRefused: true })
      : createJob(services, client, job),
  );
  if (created.ok) return ok(job);
  // The files that identify the Job are kept while it may exist.
  if (created.error.isRefused || (await client.remove([name]))) await drop(services, staging, job);
  else warnOfJob(services, name);
  return err(created.error.words);
}

const UNWRITABLE = 'the folder .refit cannot be written';
const SHOWN =
  'its command or its env holds the value of a secret, which the cluster would show: name the variable under "secrets"';

function recordOf({ request, settings }: Wanted, place: ClusterPlace, store: StagedPlace | undefined): KubernetesJob {
  const { step, run, attempt, work, pipeline, metricsPath } = request;
  const task = taskName(step.name, attempt);
  const tries = [{ number: attempt, logPath: request.command.logPath, metricsPath }];
  const record = {
    ...{ pipeline: pipeline.name, step: step.name, run, batch: 0, index: 0, isArray: false, work, tries },
    adoptedBy: [],
    ...(store === undefined ? {} : { store: { ...store, outputs: pathsWritten(step), checkpoint: step.checkpoint } }),
    kubernetes: { name: jobNameOf(run, task), startWithinMs: settings.startWithinMs, ...place },
  };
  return { folder: folderOfRun(run), task, record };
}

/** The inputs of pods that do not see the workspace are in the store by then. */
async function writeManifest(
  services: Services,
  staging: Staging,
  job: KubernetesJob,
  { request, settings }: Wanted,
): Promise<Result<void, string | Failure>> {
  const { files, surroundings } = services;
  const start = isStaged(job) ? await sendOrder(services, staging, job, request) : ok(undefined);
  if (!start.ok) return start;
  const user = userOf(surroundings.user(), settings, start.value !== undefined);
  const facts = { name: job.record.kubernetes.name, settings, root: files.root, user, start: start.value };
  const manifest = JSON.stringify(jobManifest(request, facts));
  // Some characters are doubled or escaped in the manifest, so a value may look different there.
  if (surroundings.maskedIn([manifest]).length > 0) return err(SHOWN);
  const written = await files.writeText(manifestPath(job), `${manifest}\n`);
  return written.ok ? ok(undefined) : err(UNWRITABLE);
}

/** The user that containers run as. `undefined`: the user of the image. */
function userOf(
  own: ReturnType<Services['surroundings']['user']>,
  { runAsUser, runAsGroup }: KubernetesSettings,
  isStaged: boolean,
) {
  if (runAsUser !== undefined) return { uid: runAsUser, gid: runAsGroup ?? runAsUser };
  const user = own?.uid === 0 && !isStaged ? undefined : own;
  return user === undefined || runAsGroup === undefined ? user : { ...user, gid: runAsGroup };
}

async function sendOrder(
  services: Services,
  staging: Staging,
  { task, record: { store, run, tries } }: StagedJob,
  request: JobRequest,
): Promise<Result<PodStart, string | Failure>> {
  const { area, remote } = store;
  await services.files.makeFolder(`${folderOfRun(run)}/results` as WorkspacePath);
  // All other variables are in the manifest, as is the command.
  const env = Object.fromEntries(
    Object.entries(request.command.env).filter(([name]) => PLACE_VARIABLES.includes(name)),
  );
  const jobs = [{ request, task, argv: [], env, tries }];
  const sent = await send(services, staging, { place: { area, remote }, run, scratch: undefined, jobs });
  if (!sent.ok) return sent;
  const [order] = sent.value.tasks;
  if (order === undefined) throw new Error(`internal error: no order for ${task}`);
  const { root } = services.files;
  return ok({
    area,
    run,
    remote: placed(remote, services.surroundings.variables()),
    ...order,
    root,
    folder: POD_FOLDER,
    format: POD_FORMAT,
  });
}

/** The settings of the bucket as found on this machine: a pod has none of these variables. */
function placed(remote: RemoteTarget, env: Readonly<Record<string, string>>): RemoteTarget {
  if (remote.kind === 'folder') return remote;
  const { endpoint = env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL } = remote;
  const { region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION } = remote;
  return { ...remote, endpoint, region };
}

/** The job cannot be found any more. */
async function drop(services: Services, { courier }: Staging, job: KubernetesJob): Promise<void> {
  await courier.forget(job);
  await removeTask(services, job);
}

/** A job that was not created because refit is ending. */
const cancelled = ({ attempt, command: { logPath }, metricsPath }: JobRequest): SubmittedJob => ({
  ...{ number: attempt, logPath, metricsPath },
  watch: async () => undefined,
  cancel: async () => undefined,
  collect: async () => ({ outcome: { kind: 'cancelled' }, durationMs: 0, tail: [] }),
  forget: async () => undefined,
});

const createdPath = ({ folder, task }: PlacedJob): string => `${folder}/${task}/created`;

/** The cluster holds at most one Job of this name. */
export async function createJob(
  services: Pick<Services, 'files'>,
  client: KubernetesClient,
  job: KubernetesJob,
): Promise<Result<void, NotCreated>> {
  const created = await client.create(manifestPath(job));
  if (created.ok) await services.files.writeText(createdPath(job), '');
  return created;
}

/** Without one, the cluster was not asked. */
export const hasManifest = async ({ files }: Pick<Services, 'files'>, job: PlacedJob): Promise<boolean> =>
  (await files.stat(manifestPath(job))) !== undefined;

/** Whether the cluster is known to have had the job. */
export const wasCreated = async ({ files }: Pick<Services, 'files'>, job: PlacedJob): Promise<boolean> =>
  (await files.stat(createdPath(job))) !== undefined;

interface By {
  readonly watch: JobWatch;
  readonly staging: Staging;
}

function followed(
  services: Services,
  { watch, staging }: By,
  { job, log }: { readonly job: KubernetesJob; readonly log: ReturnType<typeof createPodLog> },
): SubmittedJob {
  const { record } = job;
  const { courier } = staging;
  const { name, startWithinMs = START_WITHIN_MS } = record.kubernetes;
  const [current] = record.tries;
  if (current === undefined) throw new Error(`internal error: job ${name} has no tries`);
  const staged = isStaged(job) ? createStagedSide(services, courier, job) : undefined;
  let end: WatchedEnd | undefined;
  /** The files that identify the job are kept. */
  let isKept = false;
  const leave = (warn: typeof warnOfJob): void => {
    if (!isKept) warn(services, name);
    isKept = true;
  };
  return {
    ...current,
    job: { engine: 'kubernetes', id: name },
    watch: async (observer) => {
      const shown = shownLog(services, record.step, current.logPath);
      const watched = { name, run: record.run, step: record.step, startWithinMs, staged, log, shown };
      end = await watch.ended(watched, observer);
      if (end.isLeft === true) leave(warnOfJob);
      if (end.isKept === true) leave(warnOfResult);
    },
    cancel: async () => {
      if (staged !== undefined) await markCancelled(services, job);
      await courier.cancel(job);
      if (!(await watch.cancel(name))) leave(warnOfJob);
    },
    collect: async () => {
      if (end === undefined) throw new Error(`internal error: job ${name} is collected before its end`);
      const { outcome, durationMs = 0, node, failure } = end;
      if (failure?.code === 'staging-failed') staging.known.clear();
      const isGood = hasSucceeded(outcome);
      return {
        outcome,
        durationMs,
        tail: isGood ? [] : await tailOf(services, current.logPath),
        ...(failure === undefined ? {} : { failure }),
        job: { engine: 'kubernetes', id: name, ...(node === undefined ? {} : { node }) },
      };
    },
    // The next command uses the files to find a job that may still run.
    forget: () => (isKept ? courier.halt(job) : drop(services, staging, job)),
  };
}

function warnOfResult({ emit }: Pick<Services, 'emit'>, name: string): void {
  const text = `what Kubernetes job ${name} made is still in its remote: the next run collects it`;
  emit({ type: 'warning', code: 'job-left', text });
}

function warnOfJob({ emit }: Pick<Services, 'emit'>, name: string): void {
  emit({
    type: 'warning',
    code: 'job-left',
    text: `the cluster cannot be told to delete job ${name}, or does not say that it has ended: the next run tries again; or type "kubectl delete job ${name}"`,
  });
}
