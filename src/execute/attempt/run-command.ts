import type { Failure } from '../../domain/failure.js';
import type { EnvironmentRef } from '../../domain/pipeline/pipeline.js';
import type { FoundEnvironment } from '../../domain/ports/environments.js';
import type { ProcessResult } from '../../domain/ports/platform.js';
import type { Services } from '../../domain/ports/services.js';
import type { ProcessIdentity } from '../../domain/runs/run.js';

export interface CommandRun {
  readonly argv: readonly string[];
  /** The inherited environment plus these additions. REFIT_* and the PATH are set here. */
  readonly env: Readonly<Record<string, string>>;
  /** Its programs come first on the PATH. If it is missing, the command does not start. */
  readonly environment?: EnvironmentRef | undefined;
  /** Workspace-relative. */
  readonly logPath: string;
  readonly timeoutMs?: number;
  readonly mayLeaveServers?: boolean;
  readonly masked?: readonly string[];
  readonly onStarted?: (identity: ProcessIdentity) => void;
  readonly onLine?: (stream: 'stdout' | 'stderr', line: string) => void;
}

/** Runs one subprocess. Its working folder is the workspace root, and `refit` is on its PATH. */
export function runCommand(
  services: Pick<Services, 'processes' | 'files' | 'surroundings' | 'signal' | 'environments'>,
  command: CommandRun,
): Promise<ProcessResult> {
  const { environment, logPath, masked = [], ...rest } = command;
  const found = environment === undefined ? undefined : services.environments.find(environment);
  if (found?.ok === false) return Promise.resolve(notStarted(`${found.error.reason} (${found.error.next})`));
  const inherited = command.env.PATH ?? '';
  const path = inherited === '' ? services.surroundings.binFolder : `${services.surroundings.binFolder}:${inherited}`;
  const env = { ...command.env, PATH: path };
  return services.processes.run({
    ...rest,
    masked: [...masked, ...services.surroundings.masked()],
    cwd: services.files.root,
    env: found === undefined ? env : inEnvironment(found.value, env),
    logPath: services.files.absolute(logPath),
    signal: services.signal,
  });
}

const notStarted = (reason: string): ProcessResult => ({
  outcome: { kind: 'not-started', reason },
  tail: [],
  durationMs: 0,
});

/** As if the environment were activated. Another one that was active when refit started leaves no trace. */
function inEnvironment({ programs, variables }: FoundEnvironment, env: CommandRun['env']): CommandRun['env'] {
  const { PYTHONHOME: _, VIRTUAL_ENV: __, CONDA_PREFIX: ___, CONDA_DEFAULT_ENV: ____, ...rest } = env;
  return { ...rest, ...variables, PATH: `${programs}:${env.PATH}` };
}

/** Why a step, or what runs like one, did not succeed; `undefined` where it exited with 0. */
export function failureOf(
  { outcome, tail, durationMs }: ProcessResult,
  { step, logPath, timeoutMs }: Pick<CommandRun, 'logPath' | 'timeoutMs'> & { readonly step: string },
): Failure | undefined {
  switch (outcome.kind) {
    case 'exited':
      if (outcome.exitCode === 0) return undefined;
      return { code: 'step-exited', step, exitCode: outcome.exitCode, logPath, tail };
    case 'signalled':
      return { code: 'step-signalled', step, signal: outcome.signal, logPath, tail };
    case 'timed-out':
      return { code: 'step-timed-out', step, afterMs: timeoutMs ?? durationMs, logPath, tail };
    case 'cancelled':
      return { code: 'step-cancelled', step };
    case 'not-started':
      return { code: 'step-not-started', step, reason: outcome.reason };
    case 'refused':
      return { code: 'command-refused', step, reason: outcome.reason };
  }
}
