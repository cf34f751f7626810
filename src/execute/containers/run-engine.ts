import type { Failure } from '../../domain/failure.js';
import type { Services } from '../../domain/ports/services.js';
import { hasSucceeded } from '../../domain/runs/run.js';
import { err, ok, type Result } from '../../domain/support/result.js';

export type EngineServices = Pick<Services, 'files' | 'processes' | 'surroundings' | 'signal'>;

export interface EngineAnswer {
  readonly isGood: boolean;
  readonly text: string;
  readonly tail: readonly string[];
}

/** Runs the engine to its end, for everything but a step. `subject`: the step or image that a failure names. */
export async function runEngine(
  services: EngineServices,
  subject: string,
  argv: readonly string[],
  options: {
    readonly timeoutMs?: number;
    readonly isEnding?: boolean;
    /** Instead of the environment that commands of pipelines inherit. */
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<Result<EngineAnswer, Failure>> {
  const { files, processes, surroundings, signal } = services;
  const scratch = await files.makeScratch('engine');
  try {
    const output = `${scratch}/output.txt`;
    const { outcome, tail } = await processes.run({
      argv,
      cwd: files.root,
      env: options.env ?? surroundings.env(),
      logPath: files.absolute(output),
      masked: surroundings.masked(),
      timeoutMs: options.timeoutMs,
      // What ends a container must run although refit itself is to end.
      signal: options.isEnding === true ? undefined : signal,
    });
    if (outcome.kind === 'not-started') return err({ code: 'step-not-started', step: subject, reason: outcome.reason });
    if (outcome.kind === 'refused') return err({ code: 'command-refused', step: subject, reason: outcome.reason });
    if (outcome.kind === 'cancelled') return err({ code: 'step-cancelled', step: subject });
    const text = await files.readText(output);
    return ok({
      isGood: hasSucceeded(outcome),
      text: text.ok ? text.value : '',
      tail,
    });
  } finally {
    await files.remove(scratch);
  }
}
