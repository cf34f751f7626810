import type { RunId } from '../../../domain/ids.js';
import type { SlurmSettings } from '../../../domain/pipeline/executor.js';
import type { CommandRun, JobRequest } from '../../../domain/ports/executors.js';
import type { Services } from '../../../domain/ports/services.js';
import { JOB_OF_RUN } from '../../../domain/runs/job.js';
import { type JobSpec, type JobTry, jobFiles } from '../../../domain/runs/job-files.js';
import { err, ok, type Result } from '../../../domain/support/result.js';
import { reasonOf, systemCode } from '../../../domain/support/system-error.js';
import { pathsWritten } from '../../attempt/outputs.js';
import { environmentOf } from '../../attempt/run-command.js';
import type { SlurmClient } from './client.js';
import { commentOf, folderOfRun, jobIdOf, type PlacedJob, taskName, writeBatchId, writeRecord } from './job-folder.js';
import { jobName, sbatchOptions } from './sbatch-options.js';

/** A job that Slurm has taken. */
export interface TakenJob extends PlacedJob {
  readonly id: string;
}

type Taken = Result<TakenJob, string>;

interface Waiting {
  readonly request: JobRequest;
  readonly settings: SlurmSettings;
  readonly resolve: (taken: Taken) => void;
}

/** Instances of a matrix become ready one after another, within a few milliseconds. */
const GATHER_MS = 60;
const LONGEST_GATHER_MS = 600;
/** The default of MaxArraySize is 1001. */
const MOST_TASKS = 1000;

/** Submits jobs: instances of a step that become ready together as one array, others at once. */
export function createSubmissions(services: Services, client: SlurmClient, run: RunId) {
  const groups = new Map<string, { readonly waiting: Waiting[]; readonly sinceMs: number; timer?: NodeJS.Timeout }>();
  let batches = 0;
  const flush = (key: string): void => {
    const waiting = groups.get(key)?.waiting ?? [];
    groups.delete(key);
    for (let from = 0; from < waiting.length; from += MOST_TASKS)
      void submitAll(services, client, { run, batch: batches++, waiting: waiting.slice(from, from + MOST_TASKS) });
  };
  return {
    submit: (request: JobRequest, settings: SlurmSettings): Promise<Taken> =>
      new Promise((resolve) => {
        const { step } = request;
        const isAlone = Object.keys(step.matrix ?? {}).length === 0;
        const key = JSON.stringify([isAlone ? step.name : step.declaredName, sbatchOptions(step, settings)]);
        const group = groups.get(key) ?? { waiting: [], sinceMs: services.clock.monotonicMs() };
        groups.set(key, group);
        group.waiting.push({ request, settings, resolve });
        if (isAlone) return flush(key);
        clearTimeout(group.timer);
        const waitedMs = services.clock.monotonicMs() - group.sinceMs;
        group.timer = setTimeout(() => flush(key), Math.min(GATHER_MS, Math.max(0, LONGEST_GATHER_MS - waitedMs)));
      }),
  };
}

interface Submission {
  readonly run: RunId;
  readonly batch: number;
  readonly waiting: readonly Waiting[];
}

async function submitAll(services: Services, client: SlurmClient, submission: Submission): Promise<void> {
  const { waiting } = submission;
  const told = await submitBatch(services, client, submission).catch((error: unknown) => {
    if (systemCode(error) === undefined) throw error;
    return err(`the folder .refit cannot be written: ${reasonOf(error)}`);
  });
  for (const [i, one] of waiting.entries()) {
    const job = told.ok ? told.value[i] : undefined;
    one.resolve(told.ok ? (job === undefined ? err('it was not submitted') : ok(job)) : told);
  }
}

/** The records are on disk first: from here on a refit that is killed finds the job again. */
async function submitBatch(
  services: Services,
  client: SlurmClient,
  { run, batch, waiting }: Submission,
): Promise<Result<readonly TakenJob[], string>> {
  const { files, surroundings } = services;
  const folder = folderOfRun(run);
  const isArray = waiting.length > 1;
  const jobs: PlacedJob[] = [];
  for (const [index, { request }] of waiting.entries()) {
    const written = await writeJob(services, request, { folder, batch, index, isArray });
    if (!written.ok) return written;
    jobs.push(written.value);
  }
  await files.makeFolder(`${folder}/results`);
  const script = `${folder}/${batch}.sh`;
  const program = [surroundings.node, `${surroundings.binFolder}/refit-job.js`, files.absolute(folder), String(batch)];
  await files.writeScratch(`${folder}/${jobFiles.batch(batch)}`, jobs.map(({ task }) => `${task}\n`).join(''));
  await files.writeScratch(script, `#!/bin/sh\nexec ${program.map(quote).join(' ')}\n`);
  const [first] = waiting;
  if (first === undefined) return ok([]);
  const { step, pipeline } = first.request;
  const taken = await client.submit(run, [
    `--job-name=${jobName(pipeline.name, isArray ? step.declaredName : step.name)}`,
    `--comment=${commentOf(run, batch)}`,
    `--chdir=${files.root}`,
    // Nothing of refit's own environment: the program reads what the step needs from a file that only its owner may read.
    '--export=NIL',
    `--output=${files.absolute(folder).replaceAll('%', '%%')}/${batch}.${isArray ? '%a' : '0'}.out`,
    '--open-mode=append',
    ...(isArray ? [`--array=0-${waiting.length - 1}`] : []),
    ...sbatchOptions(step, first.settings),
    files.absolute(script),
  ]);
  if (!taken.ok) return taken;
  const written = await writeBatchId(services, folder, { batch, id: taken.value });
  if (!written.ok) return err('the folder .refit cannot be written');
  return ok(jobs.map((job) => ({ ...job, id: jobIdOf(taken.value, job.record) })));
}

interface Place {
  readonly folder: string;
  readonly batch: number;
  readonly index: number;
  readonly isArray: boolean;
}

async function writeJob(services: Services, request: JobRequest, place: Place): Promise<Result<PlacedJob, string>> {
  const { step, run, attempt, work, pipeline } = request;
  const task = taskName(step.name, attempt);
  const env = environmentOf(services, request.command);
  if (!env.ok) return env;
  const tries = triesOf(request);
  const { folder, ...submission } = place;
  const { argv, masked = [] } = request.command;
  const variables = { ...ofThisMachineLeftOut(env.value, step.env), [JOB_OF_RUN]: run };
  const spec: JobSpec = {
    root: services.files.root,
    argv,
    env: variables,
    // The file stays while the job does: a secret that the step does not get is not written into it.
    masked: [...masked, ...services.surroundings.maskedIn([...argv, ...Object.values(variables)])],
    timeoutMs: request.command.timeoutMs,
    outputs: pathsWritten(step),
    checkpoint: step.checkpoint,
    tries,
  };
  await services.files.writePrivate(`${folder}/${jobFiles.spec(task)}`, `${JSON.stringify(spec)}\n`);
  const record = { pipeline: pipeline.name, step: step.name, run, ...submission, work, tries, adoptedBy: [] };
  const job = { folder, task, record };
  const written = await writeRecord(services, job);
  return written.ok ? ok(job) : err('the folder .refit cannot be written');
}

/** Slurm may put a job back into its queue: each further try is an attempt of its own, with its own log. */
function triesOf({ step, attempt, command, metricsPath }: JobRequest): readonly JobTry[] {
  const most = Math.max(attempt, step.retries.count + 1);
  return Array.from({ length: most - attempt + 1 }, (_, i) => {
    const number = attempt + i;
    return {
      number,
      logPath: command.logPath.replace(/\.\d+\.log$/, `.${number}.log`),
      metricsPath: metricsPath.replace(/\.\d+\.metrics\.jsonl$/, `.${number}.metrics.jsonl`),
    };
  });
}

/** What says something about the machine of refit, or about a job that refit itself runs in. */
const OF_THIS_MACHINE = /^(SLURM_|SLURMD_|CUDA_VISIBLE_DEVICES$|TMPDIR$)/;

const ofThisMachineLeftOut = (env: CommandRun['env'], declared: object): CommandRun['env'] =>
  Object.fromEntries(
    Object.entries(env).filter(([name]) => !OF_THIS_MACHINE.test(name) || Object.hasOwn(declared, name)),
  );

const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
