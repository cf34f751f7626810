import { join } from 'node:path';
import { realPathBelow } from './containment.js';
import { readRegularText } from './regular-file.js';

/** The text of a file of the workspace; empty if it is not there, cannot be read, or is a link that leads out. */
export function readOwnText(root: string, name: string): string {
  try {
    const path = realPathBelow(root, join(root, name));
    return path === undefined ? '' : readRegularText(path);
  } catch {
    return '';
  }
}
