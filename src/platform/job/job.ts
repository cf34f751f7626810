import { confidedIn, type StagedStart } from '../../domain/runs/staged-job.js';
import { createOpenRemote } from '../../remote/stores/remotes.js';
import { runJob } from './run-job.js';
import { runStagedJob } from './run-staged-job.js';

/**
 * The program that an engine starts on a node: `refit-job <folder of the run's jobs> <submission>` where the node sees the workspace,
 * else `refit-job --staged <where its work lies, as JSON>`.
 */
const [first = '', second = ''] = process.argv.slice(2);
process.exitCode = await (first === '--staged' ? staged(second) : runJob(first, Number(second), process.env));
// A signal listener would keep it alive.
process.exit();

function staged(start: string): Promise<number> {
  Object.assign(process.env, confidedIn(process.env).store);
  // What is abandoned ends with the program.
  const patience = { signal: new AbortController().signal, abandon: () => undefined };
  const openRemote = createOpenRemote('/', process.env, patience);
  return runStagedJob(JSON.parse(start) as StagedStart, process.env, { openRemote });
}
