import type { ProcessSpec } from '../../domain/ports/platform.js';
import type { ProcessOutput } from './output.js';
import { start } from './start.js';
import type { Started } from './started.js';
import { createStarter, type Starter } from './starter.js';

/** Resolves to why the process was not started, where it was not. */
export type StartProcess = (spec: ProcessSpec, output: ProcessOutput) => Promise<Started | string>;

/** A starter costs what fifteen starts do; who has asked for so many may ask for many more. */
const WORTH_A_STARTER = 16;

/** The first processes are started by this one, later ones by a starter. */
export function startMany(): StartProcess {
  let count = 0;
  let starter: Starter | undefined;
  return ({ argv, cwd, env }, { target }) => {
    count += 1;
    if (count === WORTH_A_STARTER) starter = createStarter();
    if ('fd' in target || starter?.isReady() !== true) return start({ argv, cwd, env, target });
    return starter.start({ argv, cwd, env, logPath: target.logPath });
  };
}
