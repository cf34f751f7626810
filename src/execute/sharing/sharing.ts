import type { Failure } from '../../domain/failure.js';
import type { PipelineName, RunId, StepName } from '../../domain/ids.js';
import type { Services } from '../../domain/ports/services.js';
import type { StepHolder, StepLocks } from '../../domain/ports/step-locks.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { DAY_MS } from '../../domain/support/time.js';
import { waitFor } from '../../domain/support/wait.js';

/** What a run needs that goes on beside other runs of its pipeline. A run that has the pipeline alone needs none of it. */
export interface Sharing {
  readonly pipeline: PipelineName;
  readonly run: RunId;
  readonly steps: StepLocks;
  /** How long `--wait` lets it wait. */
  readonly waitMs?: number;
  /** Repairs what other runs left that were killed. */
  readonly mend: () => Promise<Result<void, Failure>>;
}

const POLL_MS = 50;

/** How long a run waits for another that executes the step it needs, where `--wait` says nothing. */
const LONGEST_MS = DAY_MS;

type Dependencies = Pick<Services, 'clock' | 'emit' | 'signal'>;

interface Waiting {
  readonly step: StepName;
  /** The run that is in the way; `undefined`: go on. */
  readonly blocker: () => StepHolder | undefined;
  readonly mostMs: number;
  /** The wait would never end, because the other waits for this run. */
  readonly mustGiveWay?: () => boolean;
  /** `features, which run X is executing` */
  readonly text: (run: RunId) => string;
}

/** Waits for the run that makes the step, as long as `--wait` says, or a day. */
export const waitForMaker = (
  services: Dependencies,
  sharing: Sharing,
  step: StepName,
  blocker: Waiting['blocker'],
): Promise<Result<void, Failure>> =>
  wait(services, sharing, {
    step,
    blocker,
    mostMs: sharing.waitMs ?? LONGEST_MS,
    text: (run) => `waiting for step "${step}", which run ${run} is working on`,
  });

/**
 * Waits for runs that use what the step has made, which this run would replace. They use it until they end, so runs may come to
 * wait for each other: then the youngest gives way at once. Without `--wait` only the oldest run waits at all.
 */
export async function waitForUsers(
  services: Dependencies,
  sharing: Sharing,
  step: StepName,
): Promise<Result<void, Failure>> {
  const { steps } = sharing;
  const waiting = steps.waitForUsers(step);
  try {
    return await wait(services, sharing, {
      step,
      blocker: () => steps.user(step),
      mostMs: sharing.waitMs ?? (steps.isOldest() ? LONGEST_MS : 0),
      mustGiveWay: steps.mustGiveWay,
      text: (run) => `waiting to run step "${step}": run ${run} uses its last outputs`,
    });
  } finally {
    waiting.stop();
  }
}

async function wait(
  services: Dependencies,
  sharing: Sharing,
  { step, blocker, mostMs, mustGiveWay, text }: Waiting,
): Promise<Result<void, Failure>> {
  const { clock, signal } = services;
  const until = clock.monotonicMs() + mostMs;
  let told: RunId | undefined;
  for (;;) {
    const by = blocker();
    if (by === undefined) return ok(undefined);
    if (!by.isAlive) {
      const mended = await sharing.mend();
      if (!mended.ok) return mended;
      sharing.steps.forget(by.run);
      continue;
    }
    const busy: Failure = { code: 'busy', pipeline: sharing.pipeline, step, run: by.run };
    if (mustGiveWay?.() === true) return err({ ...busy, hasGivenWay: true });
    const leftMs = until - clock.monotonicMs();
    if (leftMs <= 0 || signal.aborted) return err(busy);
    if (told !== by.run) services.emit({ type: 'phase', text: text(by.run) });
    told = by.run;
    await waitFor(Math.min(POLL_MS, leftMs), signal);
  }
}

/** A name that no step can have. Messages know it. */
const JUDGING = '.judging' as StepName;

/** Whether the run was only kept from its work by others. */
export const isOnlyBusy = (failures: readonly Failure[]): boolean =>
  failures.length > 0 && failures.every(({ code }) => code === 'busy');

/** Runs of one pipeline judge the models that they have made one after the other. */
export const waitToJudge = (services: Dependencies, sharing: Sharing): Promise<Result<void, Failure>> =>
  wait(services, sharing, {
    step: JUDGING,
    blocker: () => sharing.steps.make(JUDGING),
    mostMs: sharing.waitMs ?? LONGEST_MS,
    text: (run) => `waiting for run ${run}, which is judging its model`,
  });
