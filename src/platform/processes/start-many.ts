import type { ProcessSpec } from '../../domain/ports/platform.js';
import { identityOf } from './identity.js';
import type { ProcessOutput } from './output.js';
import { type StartRequest, start } from './start.js';
import type { Started } from './started.js';
import { createStarter, type Starter } from './starter.js';

export interface ManyStarts {
  /** So many processes are about to be started. */
  readonly expect: (count: number) => void;
  readonly start: StartProcess;
}

/** Resolves to why the process was not started, where it was not. */
export type StartProcess = (spec: ProcessSpec, output: ProcessOutput) => Promise<Started | string>;

/** Two starters cost what some fifteen starts from here do. */
const WORTH_A_STARTER = 16;
/** While one starts a process, it hears of none that ends. */
const STARTERS = 2;

/** Few processes are started by this one, many by a starter once it is ready. */
export function startMany(): ManyStarts {
  const starters: Starter[] = [];
  return {
    expect: (count) => {
      if (count < WORTH_A_STARTER || starters.length > 0) return;
      while (starters.length < STARTERS) starters.push(createStarter());
      void optimiseLess();
    },
    start: ({ argv, cwd, env }, { target }) => {
      const starter = leastBusy(starters);
      if ('fd' in target || starter === undefined) return startHere({ argv, cwd, env, target });
      return starter.start({ argv, cwd, env, logPath: target.logPath });
    },
  };
}

/** Of those that are ready. */
const leastBusy = (starters: readonly Starter[]): Starter | undefined =>
  starters.filter((one) => one.isReady()).sort((a, b) => a.open() - b.open())[0];

async function startHere(request: StartRequest): Promise<Started | string> {
  const child = await start(request);
  return typeof child === 'string' ? child : { identity: identityOf(child.pid), exit: child.exit };
}

/** Node 20 optimises what is run for a second or two: a sixth of the processor time of a thousand steps, which are waiting for it. */
async function optimiseLess(): Promise<void> {
  if (!process.version.startsWith('v20.')) return;
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString('--interrupt-budget=1000000');
}
