import type { HookSpec } from '../../domain/pipeline/pipeline.js';
import type { ProcessResult } from '../../domain/ports/platform.js';
import { hasSucceeded } from '../../domain/runs/run.js';
import { waitFor } from '../../domain/support/wait.js';
import { backoffMs } from '../../execute/attempt/backoff.js';

export type HookResult =
  | { readonly outcome: 'delivered'; readonly detail: string }
  | { readonly outcome: 'failed'; readonly detail: string }
  /** refit was interrupted, and the hook is still owed. */
  | { readonly outcome: 'cancelled' };

/**
 * Runs a hook until it exits with 0 or its attempts are used up. The failure quotes the last attempt. `seed` gives the jitter
 * of the pauses.
 */
export async function runHook(
  spec: HookSpec,
  { signal, seed }: { readonly signal: AbortSignal; readonly seed: string },
  attempt: () => Promise<ProcessResult>,
): Promise<HookResult> {
  for (let tries = 0; ; tries++) {
    const { outcome, tail } = await attempt();
    if (outcome.kind === 'cancelled' || signal.aborted) return { outcome: 'cancelled' };
    const times = tries === 0 ? '' : `, attempt ${tries + 1}`;
    if (hasSucceeded(outcome)) return { outcome: 'delivered', detail: `exited with 0${times}` };
    if (tries >= spec.retries.count) {
      const how = outcome.kind === 'exited' ? `it exited with ${outcome.exitCode}` : outcome.kind;
      return { outcome: 'failed', detail: [`${how}${times}`, ...tail.slice(-3)].join('\n') };
    }
    await waitFor(backoffMs(spec.retries, tries + 1, seed), signal);
  }
}
