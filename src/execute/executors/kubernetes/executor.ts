import type { RunId, WorkspacePath } from '../../../domain/ids.js';
import type { KubernetesSettings } from '../../../domain/pipeline/kubernetes.js';
import type { Executor, JobRequest, SubmittedJob } from '../../../domain/ports/executors.js';
import type { Services } from '../../../domain/ports/services.js';
import { err, ok, type Result } from '../../../domain/support/result.js';
import { MINUTE_MS } from '../../../domain/support/time.js';
import { folderOfRun, type PlacedJob, removeTask, taskName, writeRecord } from '../job-folder.js';
import { shownLog, tailOf } from '../shown-log.js';
import { createKubernetesClient, type KubernetesClient, type NotCreated } from './client.js';
import { jobManifest, jobNameOf, openTexts } from './manifest.js';
import { type ClusterPlace, createPlaces } from './place.js';
import { createPodLog } from './pod-log.js';
import { createTurns, type Turns } from './turns.js';
import { createJobWatch, type JobWatch, type WatchedEnd } from './watch.js';

/** What the jobs of one run have in common. */
export interface KubernetesJobs {
  readonly client: (place: ClusterPlace) => KubernetesClient;
  /** The executor that submits with these settings. */
  readonly executor: (settings: KubernetesSettings) => Executor;
  /** A job that the cluster has taken, now or for a refit that was killed. */
  readonly follow: (job: KubernetesJob, masked?: readonly string[]) => SubmittedJob;
}

/** A job with what leads to it in the cluster. */
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

export function createKubernetesJobs(services: Services, run: RunId): KubernetesJobs {
  const clusters = new Map<string, Cluster>();
  const turns = { following: createTurns(MOST_FOLLOWED), fetching: createTurns(MOST_FETCHED) };
  const creating = createTurns(MOST_CREATED);
  const placeOf = createPlaces(services);
  const clusterAt = (place: ClusterPlace): Cluster => {
    const key = JSON.stringify([place.context, place.namespace]);
    const known = clusters.get(key);
    if (known !== undefined) return known;
    const client = createKubernetesClient(services, place, run);
    const made = { client, watch: createJobWatch(services, client) };
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
    return followed(services, watch, { job, log });
  };
  return {
    follow,
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
        const to = { client: clusterAt(place.value).client, place: place.value, creating };
        const job = await submit(services, to, { request, settings });
        if (job.ok) return ok(follow(job.value, request.command.masked));
        return services.signal.aborted ? ok(cancelled(request)) : job;
      },
    }),
  };
}

const manifestPath = ({ folder, task }: PlacedJob): string => `${folder}/${task}/manifest.json`;

interface Target {
  readonly client: KubernetesClient;
  readonly place: ClusterPlace;
  /** Every creation is a process of kubectl, of which few may run at a time. */
  readonly creating: Turns;
}

/** The record and the manifest are on disk first: from here on a refit that is killed finds the job again. */
async function submit(
  services: Services,
  { client, place, creating }: Target,
  { request, settings }: { readonly request: JobRequest; readonly settings: KubernetesSettings },
): Promise<Result<KubernetesJob, string>> {
  const { files, surroundings } = services;
  const { step, run, attempt, work, pipeline, metricsPath } = request;
  const task = taskName(step.name, attempt);
  const name = jobNameOf(run, task);
  const user = surroundings.user();
  const manifest = JSON.stringify(
    jobManifest(request, { name, settings, root: files.root, user: user?.uid === 0 ? undefined : user }),
  );
  // In the manifest some signs are doubled or escaped, so that a value may look otherwise there.
  if (surroundings.maskedIn([manifest, ...openTexts(request, settings)]).length > 0)
    return err(
      'its command or its env holds the value of a secret, which the cluster would show: name the variable under "secrets"',
    );
  const tries = [{ number: attempt, logPath: request.command.logPath, metricsPath }];
  const record = {
    ...{ pipeline: pipeline.name, step: step.name, run, batch: 0, index: 0, isArray: false, work, tries },
    adoptedBy: [],
    kubernetes: { name, startWithinMs: settings.startWithinMs, ...place },
  };
  const job: KubernetesJob = { folder: folderOfRun(run), task, record };
  const written = await files.writeText(manifestPath(job), `${manifest}\n`);
  const recorded = written.ok ? await writeRecord(services, job) : written;
  if (!recorded.ok) return err('the folder .refit cannot be written');
  const created = await creating(async () =>
    services.signal.aborted
      ? err({ words: 'refit was told to end', isRefused: true })
      : createJob(services, client, job),
  );
  if (created.ok) return ok(job);
  // What leads to it is kept while it may be there.
  if (created.error.isRefused || (await client.remove([name]))) await removeTask(services, job);
  else warnOfJob(services, name);
  return err(created.error.words);
}

/** A job that was not created because refit is to end. */
const cancelled = ({ attempt, command: { logPath }, metricsPath }: JobRequest): SubmittedJob => ({
  ...{ number: attempt, logPath, metricsPath },
  watch: async () => undefined,
  cancel: async () => undefined,
  collect: async () => ({ outcome: { kind: 'cancelled' }, durationMs: 0, tail: [] }),
  forget: async () => undefined,
});

const createdPath = ({ folder, task }: PlacedJob): string => `${folder}/${task}/created`;

/** Under its name the cluster holds it once at most. */
export async function createJob(
  services: Pick<Services, 'files'>,
  client: KubernetesClient,
  job: KubernetesJob,
): Promise<Result<void, NotCreated>> {
  const created = await client.create(manifestPath(job));
  if (created.ok) await services.files.writeText(createdPath(job), '');
  return created;
}

/** Whether the cluster is known to have had the job. */
export const wasCreated = async ({ files }: Pick<Services, 'files'>, job: PlacedJob): Promise<boolean> =>
  (await files.stat(createdPath(job))) !== undefined;

function followed(
  services: Services,
  watch: JobWatch,
  { job, log }: { readonly job: KubernetesJob; readonly log: ReturnType<typeof createPodLog> },
): SubmittedJob {
  const { record } = job;
  const { name, startWithinMs = START_WITHIN_MS } = record.kubernetes;
  const [current] = record.tries;
  if (current === undefined) throw new Error(`internal error: job ${name} has no tries`);
  let end: WatchedEnd | undefined;
  let isOutOfReach = false;
  const leave = (): void => {
    if (!isOutOfReach) warnOfJob(services, name);
    isOutOfReach = true;
  };
  return {
    ...current,
    job: { engine: 'kubernetes', id: name },
    watch: async (observer) => {
      const shown = shownLog(services, record.step, current.logPath);
      end = await watch.ended({ name, run: record.run, step: record.step, startWithinMs, log, shown }, observer);
      if (end.isLeft === true) leave();
    },
    cancel: async () => {
      if (!(await watch.cancel(name))) leave();
    },
    collect: async () => {
      if (end === undefined) throw new Error(`internal error: job ${name} is collected before its end`);
      const { outcome, durationMs = 0, node } = end;
      const isGood = outcome.kind === 'exited' && outcome.exitCode === 0;
      return {
        outcome,
        durationMs,
        tail: isGood ? [] : await tailOf(services, current.logPath),
        job: { engine: 'kubernetes', id: name, ...(node === undefined ? {} : { node }) },
      };
    },
    // The files lead the next command to a job that may still run.
    forget: async () => (isOutOfReach ? undefined : removeTask(services, job)),
  };
}

function warnOfJob({ emit }: Pick<Services, 'emit'>, name: string): void {
  emit({
    type: 'warning',
    code: 'job-left',
    text: `the cluster cannot be told to delete job ${name}, or does not say that it has ended: the next run tries again; or type "kubectl delete job ${name}"`,
  });
}
