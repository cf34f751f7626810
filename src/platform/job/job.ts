import { confidedIn, type StagedStart } from '../../domain/runs/staged-job.js';
import { OTHER_FORMAT, POD_FORMAT, type PodStart } from '../../domain/runs/staged-pod.js';
import { createOpenRemote } from '../../remote/stores/remotes.js';
import { fetchForPod } from './pod/fetch-for-pod.js';
import { sendFromPod } from './pod/send-from-pod.js';
import { runJob } from './run-job.js';
import { runStagedJob } from './run-staged-job.js';

/**
 * The program that an engine starts on a node: `refit-job <folder of the run's jobs> <submission>` where the node sees the workspace,
 * else `refit-job --staged <where its work lies, as JSON>`. In the pods of Kubernetes it only carries files: `refit-job --fetch <…>`
 * before the command, and `refit-job --send <…>` beside it.
 */
const [first = '', second = ''] = process.argv.slice(2);
const PROGRAMS: Readonly<Record<string, (start: string) => Promise<number>>> = {
  '--staged': staged,
  '--fetch': (start) => inPod(start, fetchForPod),
  '--send': (start) => inPod(start, sendFromPod),
};
const program = PROGRAMS[first];
process.exitCode = await (program === undefined ? runJob(first, Number(second), process.env) : program(second));
// A signal listener would keep it alive.
process.exit();

function staged(start: string): Promise<number> {
  Object.assign(process.env, confidedIn(process.env).store);
  return runStagedJob(JSON.parse(start) as StagedStart, process.env, { openRemote: remotes() });
}

async function inPod(text: string, work: typeof fetchForPod): Promise<number> {
  const start = JSON.parse(text) as PodStart;
  if (start.format === POD_FORMAT) return work(start, { node: process.env.REFIT_NODE ?? '', openRemote: remotes() });
  process.stderr.write('refit: the refit in this image is of another version than the one that has made this pod\n');
  return OTHER_FORMAT;
}

/** What is abandoned ends with the program. */
function remotes() {
  return createOpenRemote('/', process.env, { signal: new AbortController().signal, abandon: () => undefined });
}
