import type { Failure } from '../../domain/failure.js';
import type { FoundEnvironment } from '../../domain/ports/environments.js';
import type { CommandRun } from '../../domain/ports/executors.js';
import type { ProcessResult } from '../../domain/ports/platform.js';
import type { Services } from '../../domain/ports/services.js';
import { err, ok, type Result } from '../../domain/support/result.js';

/** Runs one subprocess. Its working folder is the workspace root, and `refit` is on its PATH. */
export function runCommand(
  services: Pick<Services, 'processes' | 'files' | 'surroundings' | 'signal' | 'environments'>,
  command: CommandRun,
): Promise<ProcessResult> {
  const { environment: _, logPath, masked = [], ...rest } = command;
  const env = environmentOf(services, command);
  if (!env.ok) return Promise.resolve(notStarted(env.error));
  return services.processes.run({
    ...rest,
    masked: [...masked, ...services.surroundings.masked()],
    cwd: services.files.root,
    env: env.value,
    logPath: services.files.absolute(logPath),
    signal: services.signal,
  });
}

/** The whole environment of a command, with `refit` on its PATH; or why its environment of packages cannot be used. */
export function environmentOf(
  { environments, surroundings }: Pick<Services, 'surroundings' | 'environments'>,
  { environment, env }: Pick<CommandRun, 'env' | 'environment'>,
): Result<CommandRun['env'], string> {
  const found = environment === undefined ? undefined : environments.find(environment);
  if (found?.ok === false) return err(`${found.error.reason} (${found.error.next})`);
  const inherited = env.PATH ?? '';
  const path = inherited === '' ? surroundings.binFolder : `${surroundings.binFolder}:${inherited}`;
  const whole = { ...env, PATH: path };
  return ok(found === undefined ? whole : inEnvironment(found.value, whole));
}

/** The result of a command that was not started, for a reason in words. */
export const notStarted = (reason: string): ProcessResult => ({
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
  { outcome, tail, durationMs, job }: ProcessResult,
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
    case 'job-ended':
      return {
        code: 'job-ended',
        step,
        reason: outcome.reason,
        engine: job?.engine ?? 'engine',
        job: job?.id ?? '',
        node: job?.node,
        logPath,
        tail,
      };
    case 'refused':
      return { code: 'command-refused', step, reason: outcome.reason };
  }
}
