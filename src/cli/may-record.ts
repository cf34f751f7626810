import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Output } from '../domain/ports/output.js';

type WhyNotRecorded = 'not-allowed' | 'disk-full';

/** Why the registry cannot be written or made now; `undefined`: it can. */
export function whyNotRecorded(root: string, isDiskFull: (path: string) => boolean): WhyNotRecorded | undefined {
  const folder = join(root, '.refit');
  const places = existsSync(folder) ? [folder, join(folder, 'registry.db')].filter((path) => existsSync(path)) : [root];
  try {
    for (const place of places) accessSync(place, constants.W_OK);
  } catch {
    return 'not-allowed';
  }
  return places.some(isDiskFull) ? 'disk-full' : undefined;
}

const BECAUSE = {
  'not-allowed': '.refit may not be written by this user',
  'disk-full': 'the disk is full',
} as const;

export const warnOfRecording = (output: Pick<Output, 'emit'>, why: WhyNotRecorded): void =>
  output.emit({
    type: 'warning',
    code: 'not-recorded',
    text: `${BECAUSE[why]}: what is found is shown and not recorded, so "refit resolve" does not know it`,
  });
