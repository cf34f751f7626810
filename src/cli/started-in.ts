import { resolve } from 'node:path';

const startedIn = process.cwd();

/** A path of the command line, absolute: it is seen from where refit was started, wherever the process goes later. */
export const fromStart = (path: string): string => resolve(startedIn, path);
