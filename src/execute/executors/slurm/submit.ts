import type { RemoteTarget } from '../../../domain/exchange/remote.js';
import type { Failure } from '../../../domain/failure.js';
import type { RunId } from '../../../domain/ids.js';
import type { SlurmSettings } from '../../../domain/pipeline/executor.js';
import type { CommandRun, JobRequest } from '../../../domain/ports/executors.js';
import type { Services } from '../../../domain/ports/services.js';
import { JOB_OF_RUN } from '../../../domain/runs/job.js';
import { type JobSpec, type JobTry, jobFiles } from '../../../domain/runs/job-files.js';
import { confided, type StagedStart } from '../../../domain/runs/staged-job.js';
import { err, ok, type Result } from '../../../domain/support/result.js';
import { shellQuote } from '../../../domain/support/shell-quote.js';
import { reasonOf, systemCode } from '../../../domain/support/system-error.js';
import { pathsWritten } from '../../attempt/outputs.js';
import { environmentOf } from '../../attempt/run-command.js';
import {
  commentOf,
  folderOfRun,
  type JobRecord,
  jobIdOf,
  type PlacedJob,
  type StagedPlace,
  taskName,
  writeBatchId,
  writeRecord,
} from '../job-folder.js';
import type { OutgoingJob, StagedSubmission } from '../staging/send-jobs.js';
import { type OpenStore, stagedPlace } from '../staging/stores.js';
import { send } from '../staging/submit.js';
import type { SlurmClient } from './client.js';
import { engineVariables, jobContainer } from './job-container.js';
import { exportOptions, jobName, sbatchOptions } from './sbatch-options.js';

/** A job that Slurm has taken. */
export interface TakenJob extends PlacedJob {
  readonly id: string;
}

/** Why a job is not taken: in words, or as the failure of its step. */
type Refusal = string | Failure;

type Taken = Result<TakenJob, Refusal>;

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

/** What submissions go through. */
interface Through {
  readonly client: SlurmClient;
  readonly open: OpenStore;
  readonly remotes: Readonly<Record<string, RemoteTarget>>;
}

/** `known`: hashes of content that is in the store. */
type Known = Through & { readonly known: Set<string> };

/** Submits jobs: instances of a step that become ready together as one array, others at once. */
export function createSubmissions(services: Services, { client, open, remotes }: Through, run: RunId) {
  const through = { client, open, remotes, known: new Set<string>() };
  const groups = new Map<string, { readonly waiting: Waiting[]; readonly sinceMs: number; timer?: NodeJS.Timeout }>();
  let batches = 0;
  const flush = (key: string): void => {
    const waiting = groups.get(key)?.waiting ?? [];
    groups.delete(key);
    for (let from = 0; from < waiting.length; from += MOST_TASKS)
      void submitAll(services, through, { run, batch: batches++, waiting: waiting.slice(from, from + MOST_TASKS) });
  };
  return {
    /** Something in the store is not what it was: all that is sent is looked for there again. */
    doubtStore: (): void => through.known.clear(),
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

async function submitAll(services: Services, through: Known, submission: Submission): Promise<void> {
  const { waiting } = submission;
  const told = await submitBatch(services, through, submission).catch((error: unknown) => {
    if (systemCode(error) === undefined) throw error;
    return err(`the folder .refit cannot be written: ${reasonOf(error)}`);
  });
  for (const [i, one] of waiting.entries()) {
    const job = told.ok ? told.value[i] : undefined;
    if (told.ok) one.resolve(job === undefined ? err('it was not submitted') : ok(job));
    else if (typeof told.error === 'string' || told.error.code !== 'step-cancelled') one.resolve(told);
    else one.resolve(err({ ...told.error, step: one.request.step.name }));
  }
}

/** The records are on disk first: from here on a refit that is killed finds the job again. */
async function submitBatch(
  services: Services,
  through: Known,
  { run, batch, waiting }: Submission,
): Promise<Result<readonly TakenJob[], Refusal>> {
  const { files } = services;
  const folder = folderOfRun(run);
  const isArray = waiting.length > 1;
  const [first] = waiting;
  if (first === undefined) return ok([]);
  const place = await stagedPlace(services, first.settings, through.remotes);
  if (place?.ok === false) return place;
  const jobs: WrittenJob[] = [];
  for (const [index, { request }] of waiting.entries()) {
    const written = await writeJob(services, request, { folder, batch, index, isArray, store: place?.value });
    if (!written.ok) return written;
    jobs.push(written.value);
  }
  await files.makeFolder(`${folder}/results`);
  await files.writeScratch(`${folder}/${jobFiles.batch(batch)}`, jobs.map(({ task }) => `${task}\n`).join(''));
  const start = place === undefined ? undefined : { place: place.value, run, scratch: first.settings.scratch, jobs };
  const sent = start === undefined ? undefined : await send(services, through, start);
  if (sent?.ok === false) return sent;
  const handed = sent === undefined ? {} : confided(sent.value);
  if (services.signal.aborted) return err({ code: 'step-cancelled', step: first.request.step.name });
  const script = `${folder}/${batch}.sh`;
  const words =
    start === undefined ? [files.absolute(folder), String(batch)] : ['--staged', JSON.stringify(startOf(start))];
  await files.writeScratch(script, scriptOf(services, words));
  const { step, pipeline } = first.request;
  const taken = await through.client.submit(
    run,
    [
      `--job-name=${jobName(pipeline.name, isArray ? step.declaredName : step.name)}`,
      `--comment=${commentOf(run, batch)}`,
      ...exportOptions(
        start === undefined ? undefined : Object.keys(handed),
        services.surroundings.env(),
        first.settings.options,
      ),
      ...placesOf(files, { folder, batch, isArray, isStaged: start !== undefined }),
      '--open-mode=append',
      ...(isArray ? [`--array=0-${waiting.length - 1}`] : []),
      ...sbatchOptions(step, first.settings),
      files.absolute(script),
    ],
    handed,
  );
  if (!taken.ok) return taken;
  const written = await writeBatchId(services, folder, { batch, id: taken.value });
  if (!written.ok) return err('the folder .refit cannot be written');
  return ok(jobs.map(({ task, record }) => ({ folder, task, record, id: jobIdOf(taken.value, record) })));
}

/** Where Slurm starts the program, and writes what it says itself. A node that does not see the workspace has no such place. */
const placesOf = (
  { root, absolute }: Services['files'],
  { folder, batch, isArray, isStaged }: Pick<Place, 'folder' | 'batch' | 'isArray'> & { readonly isStaged: boolean },
): readonly string[] =>
  isStaged
    ? ['--chdir=/', '--output=/dev/null']
    : [`--chdir=${root}`, `--output=${absolute(folder).replaceAll('%', '%%')}/${batch}.${isArray ? '%a' : '0'}.out`];

const scriptOf = ({ surroundings }: Pick<Services, 'surroundings'>, words: readonly string[]): string =>
  `#!/bin/sh\nexec ${[surroundings.node, `${surroundings.binFolder}/refit-job.js`, ...words].map(shellQuote).join(' ')}\n`;

const startOf = ({ place: { remote, area }, run }: StagedSubmission): StagedStart => ({ remote, area, run });

interface Place {
  readonly folder: string;
  readonly batch: number;
  readonly index: number;
  readonly isArray: boolean;
  readonly store: StagedPlace | undefined;
}

type WrittenJob = PlacedJob & OutgoingJob;

async function writeJob(services: Services, request: JobRequest, place: Place): Promise<Result<WrittenJob, string>> {
  const { step, run, attempt, work, pipeline } = request;
  const task = taskName(step.name, attempt);
  const env = environmentOf(services, request.command);
  if (!env.ok) return env;
  const tries = triesOf(request);
  const { folder, store, ...submission } = place;
  const variables = { ...ofThisMachineLeftOut(env.value, step.env), [JOB_OF_RUN]: run };
  // On nodes that do not see it, the file would only hold secrets.
  if (store === undefined)
    await services.files.writePrivate(
      `${folder}/${jobFiles.spec(task)}`,
      `${JSON.stringify(specOf(services, request, { variables, tries }))}\n`,
    );
  const record: JobRecord = {
    ...{ pipeline: pipeline.name, step: step.name, run, ...submission, work, tries, adoptedBy: [] },
    ...(store === undefined ? {} : { store: { ...store, outputs: pathsWritten(step), checkpoint: step.checkpoint } }),
  };
  const job = { folder, task, record, request, argv: request.command.argv, env: variables, tries };
  const written = await writeRecord(services, job);
  return written.ok ? ok(job) : err('the folder .refit cannot be written');
}

function specOf(
  services: Services,
  request: JobRequest,
  { variables, tries }: { readonly variables: CommandRun['env']; readonly tries: readonly JobTry[] },
): JobSpec {
  const { files, surroundings } = services;
  const { step, command } = request;
  const { argv, masked = [], timeoutMs } = command;
  const container = jobContainer(services, request, variables);
  const env = container === undefined ? variables : engineVariables(services);
  const values = [env, container?.open ?? {}, container?.inherited ?? {}].flatMap(Object.values<string>);
  return {
    root: files.root,
    argv,
    env,
    ...(container === undefined ? {} : { container }),
    // The file stays while the job does: a secret that the step does not get is not written into it.
    masked: [...masked, ...surroundings.maskedIn([...argv, ...values])],
    timeoutMs,
    outputs: pathsWritten(step),
    checkpoint: step.checkpoint,
    tries,
  };
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
