import { runJob } from './run-job.js';

/** The program that an engine starts on a node: `refit-job <folder of the run's jobs> <submission>`. */
const [folder = '', batch = ''] = process.argv.slice(2);
process.exitCode = await runJob(folder, Number(batch), process.env);
// A signal listener would keep it alive.
process.exit();
