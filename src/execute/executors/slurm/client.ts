import type { Services } from '../../../domain/ports/services.js';
import { err, ok, type Result } from '../../../domain/support/result.js';
import { type EngineServices, runEngine } from '../../containers/run-engine.js';
import { parseAccounting, parseQueue, QUEUE_FORMAT, type QueuedJob } from './job-states.js';

/** Slurm's own commands. Each call is one process. */
export interface SlurmClient {
  /** The id of the job; or what sbatch says. `run` marks the process: the recovery of a killed refit ends it first. */
  readonly submit: (
    run: string,
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ) => Promise<Result<string, string>>;
  /** The jobs that the controller knows, ended ones too; `undefined` if it cannot be asked. */
  readonly states: (ids: readonly string[]) => Promise<readonly QueuedJob[] | undefined>;
  /** Everything of this user that the controller knows; `undefined` if it cannot be asked. */
  readonly all: () => Promise<readonly QueuedJob[] | undefined>;
  /** What the accounting database says of a job that the controller has forgotten; `undefined` without a database. */
  readonly accounted: (id: string) => Promise<QueuedJob | undefined>;
  /** Whether the controller has taken the order. */
  readonly cancel: (ids: readonly string[]) => Promise<boolean>;
}

/** A controller that restarts answers late; one that is gone must not hold refit for ever. */
const PATIENCE_MS = 60_000;

/** Of the variables that refit has, Slurm's commands get those that say where the cluster is and who asks. */
const FOR_SLURM = /^(PATH|HOME|USER|LOGNAME|LANG|LC_\w+|TZ|TMPDIR|SLURM_CONF|SLURM_CLUSTERS|SLURM_JWT|SBATCH_\w+)$/;

/** Slurm's commands as found on the PATH. */
export function createSlurmClient(services: EngineServices & Pick<Services, 'surroundings'>): SlurmClient {
  const env = Object.fromEntries(Object.entries(services.surroundings.env()).filter(([name]) => FOR_SLURM.test(name)));
  const ask = (argv: readonly string[], more: Readonly<Record<string, string>> = {}) =>
    runEngine(services, 'slurm', argv, { timeoutMs: PATIENCE_MS, isEnding: true, env: { ...env, ...more } });
  const queue = async (filter: readonly string[]): Promise<readonly QueuedJob[] | undefined> => {
    const asked = await ask(['squeue', '--noheader', '--array', '--states=all', `--Format=${QUEUE_FORMAT}`, ...filter]);
    if (!asked.ok) return undefined;
    const { isGood, text } = asked.value;
    // One job that is long over: the controller has forgotten it.
    if (!isGood) return /invalid job id/i.test(text) ? [] : undefined;
    return parseQueue(text);
  };
  return {
    submit: async (run, args, env = {}) => {
      const asked = await ask(['sbatch', '--parsable', ...args], { ...env, REFIT_RUN_ID: run });
      if (!asked.ok) return err('reason' in asked.error ? asked.error.reason : asked.error.code);
      const id = /^(\d+)(;\S+)?$/m.exec(asked.value.text)?.[1];
      return asked.value.isGood && id !== undefined ? ok(id) : err(complaint(asked.value.text));
    },
    states: (ids) => queue([`--jobs=${[...new Set(ids.map((id) => id.replace(/_.*/, '')))].join(',')}`]),
    all: () => queue(['--me']),
    accounted: async (id) => {
      const asked = await ask([
        'sacct',
        '--noheader',
        '--parsable2',
        '--allocations',
        `--jobs=${id}`,
        '--format=JobID,State,ExitCode,NodeList',
      ]);
      return asked.ok && asked.value.isGood ? parseAccounting(asked.value.text, id) : undefined;
    },
    cancel: async (ids) => {
      const asked = await ask(['scancel', ...ids]);
      return asked.ok && (asked.value.isGood || /invalid job id|already completed/i.test(asked.value.text));
    },
  };
}

/** What sbatch says, in one line. */
function complaint(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(/^sbatch: (error: )?/, '').trim());
  const said = lines.filter((line) => line !== '').join('; ');
  return said === '' ? 'sbatch has failed without a word' : `sbatch says: ${said}`;
}
