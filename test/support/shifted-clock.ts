import { join } from 'node:path';
import type { Rig } from './rig.js';

/** The environment of a rig whose programs take the time from the file `.clock`. */
export const SHIFTED_CLOCK = { NODE_OPTIONS: `--require ${join(import.meta.dirname, 'shifted-clock.cjs')}` };

/** Sets the clock of the machine: of refit, and of the steps that it runs. */
export const setClock = (rig: Rig, at: string): void => rig.write({ '.clock': at });
