import { createHash } from 'node:crypto';
import type { RemoteTarget } from '../../domain/exchange/remote.js';
import type { RunId, WorkspacePath } from '../../domain/ids.js';
import { CONTAINER_ENGINES } from '../../domain/pipeline/container.js';
import type { JobWork } from '../../domain/ports/executors.js';
import type { Services } from '../../domain/ports/services.js';
import { type JobResult, type JobTry, jobFiles, type NodeContainer } from '../../domain/runs/job-files.js';
import { isRunId } from '../../domain/support/scratch-name.js';

type OnDisk = Pick<Services, 'files'>;

/**
 * `.refit/jobs/<run>` holds what refit needs to find its jobs again, and what it and the program on the node tell each other. A
 * task in it is one attempt; it is removed when its result is recorded.
 */
const FOLDER = '.refit/jobs';

/** The folder of the jobs of a run, workspace-relative. */
export const folderOfRun = (run: RunId): string => `${FOLDER}/${run}`;

/** Short, because the names of steps are not: they may hold values of a matrix. */
export const taskName = (step: string, attempt: number): string =>
  `${createHash('sha256').update(step).digest('hex').slice(0, 16)}.${attempt}`;

const isTask = (name: string): boolean => /^[0-9a-f]{16}\.\d+$/.test(name);

/** Where inputs and outputs of a job lie between this machine and its node. */
export interface StagedPlace {
  readonly remote: RemoteTarget;
  /** The folder there that belongs to this workspace. */
  readonly area: string;
}

/** Written before the job is submitted. It holds no secrets. */
export interface JobRecord {
  readonly pipeline: string;
  readonly step: string;
  readonly run: RunId;
  /** The submission, and the place in it. */
  readonly batch: number;
  readonly index: number;
  readonly isArray: boolean;
  readonly work: JobWork;
  readonly tries: readonly JobTry[];
  /** Runs that went on with it after the one before them was killed. */
  readonly adoptedBy: readonly RunId[];
  /** Of a job on nodes that do not see the workspace. */
  readonly store?: StagedPlace & {
    /** What the job may put back, workspace-relative. */
    readonly outputs: readonly string[];
    readonly checkpoint?: string;
  };
  /** Of a Job of Kubernetes: what leads to it in the cluster. */
  readonly kubernetes?: {
    readonly name: string;
    readonly context?: string;
    readonly namespace?: string;
    readonly startWithinMs?: number;
  };
}

/** The runs that have waited for a job, the last one last. */
export const ownersOf = ({ run, adoptedBy }: JobRecord): readonly RunId[] => [run, ...adoptedBy];

/** A job with its place on disk. */
export interface PlacedJob {
  readonly folder: string;
  readonly task: string;
  readonly record: JobRecord;
}

const recordPath = ({ folder, task }: Pick<PlacedJob, 'folder' | 'task'>): string => `${folder}/${task}/job.json`;

/** Writes the record of a job. Before the job is submitted, so that it is found after a kill. */
export const writeRecord = ({ files }: OnDisk, job: PlacedJob) =>
  files.writeText(recordPath(job), `${JSON.stringify(job.record)}\n`);

/** Holds the id that the engine gave to a submission. */
const idPath = (folder: string, batch: number): string => `${folder}/${batch}.id`;

/** Writes the id that the engine gave to a submission. */
export const writeBatchId = ({ files }: OnDisk, folder: string, { batch, id }: { batch: number; id: string }) =>
  files.writeText(idPath(folder, batch), `${id}\n`);

/** The id of a job; `undefined` if refit was killed before sbatch had told it. */
export async function readJobId({ files }: OnDisk, { folder, record }: PlacedJob): Promise<string | undefined> {
  const path = idPath(folder, record.batch);
  if ((await files.stat(path)) === undefined) return undefined;
  const text = await files.readText(path);
  const base = text.ok ? /^\d+/.exec(text.value)?.[0] : undefined;
  return base === undefined ? undefined : jobIdOf(base, record);
}

/** Slurm names the tasks of an array by their place. */
export const jobIdOf = (base: string, { isArray, index }: Pick<JobRecord, 'isArray' | 'index'>): string =>
  isArray ? `${base}_${index}` : base;

/** The comment of a submission, by which its job is found while the id is not known. */
export const commentOf = (run: RunId, batch: number): string => `refit:${run}:${batch}`;

/** The jobs of which a record is on disk; of one step only, if it is given. */
export async function placedJobs({ files }: OnDisk, step?: string): Promise<readonly PlacedJob[]> {
  // Asked before every step, and most workspaces have no jobs.
  if (files.identityOfFolder(FOLDER) === undefined) return [];
  const prefix = step === undefined ? '' : taskName(step, 0).slice(0, -1);
  const found: PlacedJob[] = [];
  for (const run of await files.listFolder(FOLDER)) {
    if (!isRunId(run)) continue;
    const folder = folderOfRun(run as RunId);
    const tasks = (await files.listFolder(folder)).filter((name) => isTask(name) && name.startsWith(prefix));
    for (const task of tasks) {
      const record = await readRecord({ files }, { folder, task });
      if (record !== undefined) found.push({ folder, task, record });
    }
  }
  return found;
}

/** A record that refit was killed while writing names no job: it is written before the job is submitted. */
async function readRecord(
  { files }: OnDisk,
  place: Pick<PlacedJob, 'folder' | 'task'>,
): Promise<JobRecord | undefined> {
  const path = recordPath(place);
  if ((await files.stat(path)) === undefined) return undefined;
  const text = await files.readText(path);
  if (!text.ok) return undefined;
  try {
    const record = JSON.parse(text.value) as JobRecord;
    const isWhole =
      typeof record.step === 'string' &&
      isRunId(record.run) &&
      Array.isArray(record.tries) &&
      Array.isArray(record.adoptedBy);
    return isWhole && place.folder === folderOfRun(record.run) ? record : undefined;
  } catch {
    return undefined;
  }
}

/** What the program on the node has written about one try. */
export async function readResult(
  { files }: OnDisk,
  { folder, task }: Pick<PlacedJob, 'folder' | 'task'>,
  restart: number,
): Promise<JobResult | undefined> {
  const path = `${folder}/${jobFiles.result(task, restart)}`;
  if ((await files.stat(path)) === undefined) return undefined;
  const text = await files.readText(path);
  try {
    return text.ok ? (JSON.parse(text.value) as JobResult) : undefined;
  } catch {
    return undefined;
  }
}

/** The number of the last try of which there is a result, or -1. */
export async function lastResult({ files }: OnDisk, { folder, task }: Pick<PlacedJob, 'folder' | 'task'>) {
  const names = await files.listFolder(`${folder}/results`);
  const restarts = names.filter((name) => name.startsWith(`${task}.`)).map((name) => Number(name.split('.').at(-2)));
  return Math.max(-1, ...restarts.filter(Number.isInteger));
}

/** Leaves a mark that the program on the node looks for, so that a job ends also where the engine does not reach its node. */
export const markCancelled = ({ files }: OnDisk, { folder, task }: Pick<PlacedJob, 'folder' | 'task'>) =>
  files.writeText(`${folder}/${jobFiles.cancelled(task)}`, '');

/** Removes the files of one job and its results. Those of its run stay. */
export async function removeTask({ files }: OnDisk, { folder, task, record }: PlacedJob): Promise<void> {
  await files.remove(`${folder}/${task}`);
  for (const restart of record.tries.keys()) await files.remove(`${folder}/${jobFiles.result(task, restart)}`);
}

const containersIn = (folder: string): string => `${folder}/containers`;

/** Containers of a run's jobs that are not known to be gone. */
export async function nodeContainers({ files }: OnDisk, folder: string): Promise<readonly NodeContainer[]> {
  const found: NodeContainer[] = [];
  for (const name of await files.listFolder(containersIn(folder))) {
    const text = await files.readText(`${containersIn(folder)}/${name}`);
    const one = text.ok ? parsedContainer(text.value) : undefined;
    if (one !== undefined) found.push(one);
  }
  return found;
}

function parsedContainer(text: string): NodeContainer | undefined {
  try {
    const one = JSON.parse(text) as NodeContainer;
    const isOurs = CONTAINER_ENGINES.includes(one.engine) && /^refit-[\w.-]+$/.test(one.name);
    return isOurs && typeof one.node === 'string' && typeof one.step === 'string' ? one : undefined;
  } catch {
    return undefined;
  }
}

/** Those of jobs that are over, in the folders of all runs. */
export async function leftOnNodes({ files }: OnDisk) {
  const jobs = new Set(
    (await placedJobs({ files })).map(({ folder, record }) => JSON.stringify([folder, record.step])),
  );
  const runs = files.identityOfFolder(FOLDER) === undefined ? [] : (await files.listFolder(FOLDER)).filter(isRunId);
  const found: (NodeContainer & { readonly recordPath: string })[] = [];
  for (const folder of runs.map((run) => folderOfRun(run as RunId)))
    for (const one of await nodeContainers({ files }, folder))
      if (!jobs.has(JSON.stringify([folder, one.step])))
        found.push({ ...one, recordPath: `${folder}/${jobFiles.container(one.name)}` });
  return found;
}

/** Removes the folder of a run without jobs. Not to be called while the run goes on, because it may be adding one. */
export async function removeIfEmpty({ files }: OnDisk, folder: string): Promise<void> {
  if ((await files.listFolder(folder)).some(isTask)) return;
  // The record of a container that may still run stays, so that the next command finds it.
  if ((await files.listFolder(containersIn(folder))).length === 0) await files.remove(folder);
}

/** What Slurm itself says when it cannot start the program of refit. */
export const outputOf = ({ folder, record }: PlacedJob): string =>
  `${folder}/${record.batch}.${record.index}.out` as WorkspacePath;
