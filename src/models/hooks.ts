import { setTimeout as delay } from 'node:timers/promises';
import type { Failure } from '../domain/failure.js';
import type { HookSpec } from '../domain/pipeline.js';
import type { ProcessResult } from '../domain/ports/platform.js';
import { err, ok, type Result } from '../domain/result.js';

/** Tries a hook until it exits with 0; the last attempt's words are the failure's. */
export async function runHook(
  name: string,
  spec: HookSpec,
  attempt: () => Promise<ProcessResult>,
): Promise<Result<void, Failure>> {
  for (let tries = 0; ; tries++) {
    const { outcome, tail } = await attempt();
    if (outcome.kind === 'exited' && outcome.exitCode === 0) return ok(undefined);
    if (tries >= spec.retries.count) {
      const how = outcome.kind === 'exited' ? `it exited with ${outcome.exitCode}` : outcome.kind;
      return err({ code: 'hook-failed', hook: name, reason: [how, ...tail.slice(-3)].join('\n') });
    }
    await delay(spec.retries.delayMs * (spec.retries.backoff === 'exponential' ? 2 ** tries : 1));
  }
}
