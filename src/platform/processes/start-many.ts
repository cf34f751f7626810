import type { ProcessSpec } from '../../domain/ports/platform.js';
import type { ProcessOutput } from './output.js';
import { start } from './start.js';
import type { Started } from './started.js';
import { createStarter, type Starter } from './starter.js';

export interface ManyStarts {
  /** So many processes are about to be started. */
  readonly expect: (count: number) => void;
  readonly start: StartProcess;
}

/** Resolves to why the process was not started, where it was not. */
export type StartProcess = (spec: ProcessSpec, output: ProcessOutput) => Promise<Started | string>;

/** A starter costs what fifteen starts do. */
const WORTH_A_STARTER = 16;

/** Few processes are started by this one, many by a starter once it is ready. */
export function startMany(): ManyStarts {
  let starter: Starter | undefined;
  return {
    expect: (count) => {
      if (count < WORTH_A_STARTER || starter !== undefined) return;
      starter = createStarter();
      void optimiseLess();
    },
    start: ({ argv, cwd, env }, { target }) => {
      if ('fd' in target || starter?.isReady() !== true) return start({ argv, cwd, env, target });
      return starter.start({ argv, cwd, env, logPath: target.logPath });
    },
  };
}

/** Node 20 optimises what is run for a second or two: a sixth of the processor time of a thousand steps, which are waiting for it. */
async function optimiseLess(): Promise<void> {
  if (!process.version.startsWith('v20.')) return;
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString('--interrupt-budget=1000000');
}
