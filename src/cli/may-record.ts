import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Output } from '../domain/ports/output.js';

/** Whether this user may write the registry, or make it. */
export function mayRecord(root: string): boolean {
  const folder = join(root, '.refit');
  const places = existsSync(folder) ? [folder, join(folder, 'registry.db')].filter((path) => existsSync(path)) : [root];
  try {
    for (const place of places) accessSync(place, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

export const warnOfRecording = (output: Pick<Output, 'emit'>): void =>
  output.emit({
    type: 'warning',
    code: 'not-recorded',
    text: '.refit may not be written by this user: what is found is shown and not recorded, so "refit resolve" does not know it',
  });
