import type { OpenRemote } from '../../domain/ports/remotes.js';
import type { StagedStart } from '../../domain/runs/staged-job.js';
import { OTHER_FORMAT, POD_FORMAT, type PodStart } from '../../domain/runs/staged-pod.js';
import type { fetchForPod } from './pod/fetch-for-pod.js';
import { runJob } from './run-job.js';

/**
 * The program that an engine starts on a node: `refit-job <folder of the run's jobs> <submission>` where the node sees the workspace,
 * else `refit-job --staged <where its work lies, as JSON>`. In the pods of Kubernetes it only carries files: `refit-job --fetch <…>`
 * before the command, and `refit-job --send <…>` beside it. What a store needs is loaded only where one is used: each job of an array
 * pays for what its program loads.
 */
const [first = '', second = ''] = process.argv.slice(2);
const PROGRAMS: Readonly<Record<string, (start: string) => Promise<number>>> = {
  '--staged': staged,
  '--fetch': async (start) => inPod(start, (await import('./pod/fetch-for-pod.js')).fetchForPod),
  '--send': async (start) => inPod(start, (await import('./pod/send-from-pod.js')).sendFromPod),
};
const program = PROGRAMS[first];
process.exitCode = await (program === undefined ? runJob(first, Number(second), process.env) : program(second));
// A signal listener would keep it alive.
process.exit();

async function staged(start: string): Promise<number> {
  const { confidedIn } = await import('../../domain/runs/staged-job.js');
  const { runStagedJob } = await import('./run-staged-job.js');
  Object.assign(process.env, confidedIn(process.env).store);
  return runStagedJob(JSON.parse(start) as StagedStart, process.env, { openRemote: await remotes() });
}

async function inPod(text: string, work: typeof fetchForPod): Promise<number> {
  const start = JSON.parse(text) as PodStart;
  if (start.format === POD_FORMAT)
    return work(start, { node: process.env.REFIT_NODE ?? '', openRemote: await remotes() });
  process.stderr.write('refit: the refit in this image is of another version than the one that has made this pod\n');
  return OTHER_FORMAT;
}

/** Abandoned work ends with the program. */
async function remotes(): Promise<OpenRemote> {
  const { createOpenRemote } = await import('../../remote/stores/remotes.js');
  return createOpenRemote('/', process.env, { signal: new AbortController().signal, abandon: () => undefined });
}
