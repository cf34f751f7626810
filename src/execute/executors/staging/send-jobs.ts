import { createHash } from 'node:crypto';
import type { RunId, WorkspacePath } from '../../../domain/ids.js';
import type { JobRequest } from '../../../domain/ports/executors.js';
import type { RemoteStore } from '../../../domain/ports/remotes.js';
import type { Services } from '../../../domain/ports/services.js';
import type { JobTry } from '../../../domain/runs/job-files.js';
import { problemOf, putInto, tooLarge, tooLong } from '../../../domain/runs/staged-content.js';
import {
  type Confided,
  type StagedEntry,
  type StagedSpec,
  type StagedTask,
  stagedNames,
} from '../../../domain/runs/staged-job.js';
import type { StagingProblem } from '../../../domain/runs/staging-problem.js';
import { mapInParallel } from '../../../domain/support/parallel.js';
import { err, ok, type Result } from '../../../domain/support/result.js';
import { pathsWritten } from '../../attempt/outputs.js';
import type { StagedPlace } from '../job-folder.js';

/** One job of a submission. */
export interface OutgoingJob {
  readonly request: JobRequest;
  readonly task: string;
  /** Its command; empty where the engine starts it. */
  readonly argv: readonly string[];
  /** The whole environment of its command. */
  readonly env: Readonly<Record<string, string>>;
  readonly tries: readonly JobTry[];
}

export interface StagedSubmission {
  readonly place: StagedPlace;
  readonly run: RunId;
  readonly scratch: string | undefined;
  readonly jobs: readonly OutgoingJob[];
}

const FILES_AT_ONCE = 8;
const ORDER = 'the order of the job';

/** Variables that hold a path in the workspace, which is a different path on the node. */
export const PLACE_VARIABLES = ['REFIT_PARAMS', 'REFIT_METRICS', 'REFIT_CHECKPOINT'];

type Refusal =
  | 'cancelled'
  | { readonly shown: string }
  | { readonly job: OutgoingJob; readonly problem: StagingProblem };

/**
 * Uploads the inputs of the jobs of a submission, and then their orders. Returns what must not lie in the store. Content
 * that is already there is not uploaded again; `known` collects it. `cancelled`: refit is ending.
 */
export async function sendJobs(
  services: Pick<Services, 'artifacts' | 'files' | 'signal' | 'staging' | 'surroundings'>,
  store: RemoteStore,
  { place: { area, remote }, run, scratch, jobs }: StagedSubmission,
  known: Set<string>,
): Promise<Result<Confided, Refusal>> {
  const common = commonOf(jobs.map(({ env }) => env));
  const tasks: StagedTask[] = [];
  for (const job of jobs) {
    const spec = specOf(services, job, { common, scratch });
    if (await showsSecret(services, job, spec)) return err({ shown: SHOWN });
    const inputs = await inputsOf(services, store, job);
    if (!inputs.ok) return err({ job, problem: inputs.error });
    const text = JSON.stringify({ ...spec, inputs: inputs.value } satisfies StagedSpec);
    const refused = tooLong(ORDER, text);
    if (refused !== undefined) return err({ job, problem: refused });
    const put = await putInputs(services, store, { area, entries: inputs.value, known });
    if (services.signal.aborted) return err('cancelled');
    if (!put.ok) return err({ job, problem: put.error });
    const ordered = await store.putBytes(stagedNames.spec({ area, run }, job.task), text);
    if (!ordered.ok) return err({ job, problem: problemOf('put', ORDER, ordered.error) });
    tasks.push({ task: job.task, sha256: createHash('sha256').update(text).digest('hex') });
  }
  const masked = jobs.flatMap(({ request: { command }, env }) => [
    ...(command.masked ?? []),
    ...services.surroundings.maskedIn([...command.argv, ...Object.values(env)]),
  ]);
  const isOfStore = ([name]: readonly [string, string]): boolean => remote.kind === 's3' && name.startsWith('AWS_');
  return ok({
    tasks,
    env: common,
    masked: [...new Set(masked)],
    store: Object.fromEntries(Object.entries(services.surroundings.variables()).filter(isOfStore)),
  });
}

const SHOWN =
  'its command, its env or its params hold the value of a secret, which would lie in the store: name the variable under "secrets", and read it in the step';

/** Variables with the same value in all jobs. */
function commonOf([first = {}, ...others]: readonly OutgoingJob['env'][]): OutgoingJob['env'] {
  const isCommon = ([name, value]: readonly [string, string]): boolean => others.every((env) => env[name] === value);
  return Object.fromEntries(Object.entries(first).filter((one) => isCommon(one) && !PLACE_VARIABLES.includes(one[0])));
}

function specOf(
  { files }: Pick<Services, 'files'>,
  { request: { step, command }, argv, env, tries }: OutgoingJob,
  { common, scratch }: { readonly common: OutgoingJob['env']; readonly scratch: string | undefined },
): Omit<StagedSpec, 'inputs'> {
  const own = Object.entries(env).filter(([name, value]) => common[name] !== value);
  const [here, elsewhere] = [`${files.root}/`, (name: string) => PLACE_VARIABLES.includes(name)];
  return {
    argv,
    env: Object.fromEntries(own.filter(([name]) => !elsewhere(name))),
    paths: Object.fromEntries(
      own.flatMap(([name, value]) =>
        elsewhere(name) && value.startsWith(here) ? [[name, value.slice(here.length)]] : [],
      ),
    ),
    timeoutMs: command.timeoutMs,
    outputs: pathsWritten(step),
    checkpoint: step.checkpoint,
    tries,
    scratch,
  };
}

async function showsSecret(
  { files, surroundings }: Pick<Services, 'files' | 'surroundings'>,
  { request: { command, step } }: OutgoingJob,
  { env, paths }: Pick<StagedSpec, 'env' | 'paths'>,
): Promise<boolean> {
  const params = paths.REFIT_PARAMS === undefined ? undefined : await files.readText(paths.REFIT_PARAMS);
  const texts = [step.name, ...command.argv, ...Object.values(env), ...(params?.ok === true ? [params.value] : [])];
  const isShown = (value: string): boolean => texts.some((text) => text.includes(value));
  return surroundings.maskedIn(texts).length > 0 || (command.masked ?? []).some(isShown);
}

/** All inputs of a job, as they are now. */
async function inputsOf(
  { files, staging, artifacts }: Pick<Services, 'artifacts' | 'files' | 'staging'>,
  store: RemoteStore,
  { request, env }: OutgoingJob,
): Promise<Result<readonly StagedEntry[], StagingProblem>> {
  const params = env.REFIT_PARAMS?.slice(files.root.length + 1);
  const { checkpoint } = request.step;
  const paths = [...request.reads, params, checkpoint].flatMap((path) => path ?? []);
  const listed = staging.list(paths);
  if (!listed.ok) return listed;
  const refused = tooLarge(store, listed.value);
  if (refused !== undefined) return err(refused);
  const named = listed.value.flatMap(({ kind, path }) => (kind === 'file' ? [path as WorkspacePath] : []));
  const hashes = await artifacts.hash(named);
  const entries: StagedEntry[] = [];
  for (const entry of listed.value) {
    const found = hashes.get(entry.path as WorkspacePath);
    if (entry.kind !== 'file') entries.push(entry);
    else if (found !== undefined) entries.push({ ...entry, hash: found.hash, size: found.size });
    else return err({ doing: 'put', path: entry.path, cause: 'disk', reason: 'it cannot be read' });
  }
  return ok(entries);
}

interface Outgoing {
  readonly area: string;
  readonly entries: readonly StagedEntry[];
  readonly known: Set<string>;
}

function putInputs(
  { files, signal }: Pick<Services, 'files' | 'signal'>,
  store: RemoteStore,
  { area, entries, known }: Outgoing,
): Promise<Result<unknown, StagingProblem>> {
  return mapInParallel(entries, FILES_AT_ONCE, async (entry): Promise<Result<void, StagingProblem>> => {
    if (entry.kind !== 'file' || known.has(entry.hash)) return ok(undefined);
    const { path } = entry;
    if (signal.aborted) return err({ doing: 'put', path, cause: 'unreachable', reason: 'interrupted' });
    const put = await putInto(store, area, { ...entry, from: files.absolute(path) });
    if (put.ok) known.add(entry.hash);
    return put;
  });
}
