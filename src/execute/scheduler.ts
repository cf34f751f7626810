import type { StepName } from '../domain/ids.js';
import type { Step } from '../domain/pipeline.js';

export interface Schedule {
  /** Steps at a time. */
  readonly jobs: number;
  /** After a failure go on with everything that does not need the failed step. */
  readonly keepGoing: boolean;
  readonly signal: AbortSignal;
  /** Resolves to whether dependents may start. */
  readonly run: (step: Step) => Promise<boolean>;
}

/** Runs steps as soon as what they need has ended well, at most `jobs` at a time. Returns those never started. */
export async function runGraph(steps: readonly Step[], schedule: Schedule): Promise<readonly StepName[]> {
  const here = new Set(steps.map((step) => step.name));
  const waiting = new Map(steps.map((step) => [step.name, step]));
  const done = new Set<StepName>();
  const running = new Map<StepName, Promise<void>>();
  let hasFailed = false;
  const isReady = (step: Step): boolean => step.dependsOn.every((name) => done.has(name) || !here.has(name));
  const start = (step: Step): void => {
    waiting.delete(step.name);
    const ended = schedule.run(step).then((isGood) => {
      running.delete(step.name);
      if (isGood) done.add(step.name);
      else hasFailed = true;
    });
    running.set(step.name, ended);
  };
  for (;;) {
    const mayStart = !schedule.signal.aborted && (!hasFailed || schedule.keepGoing);
    const ready = mayStart ? [...waiting.values()].filter(isReady).slice(0, schedule.jobs - running.size) : [];
    for (const step of ready) start(step);
    if (running.size === 0) return [...waiting.keys()];
    await Promise.race(running.values());
  }
}
