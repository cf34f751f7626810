import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatasets } from '../../src/tables/datasets.js';

let scratch: string | undefined;

/** The reader of data for a workspace. It may also read `roots` and what tests write to the system's temporary folder. */
export const openDatasets = (root = process.cwd(), roots: readonly string[] = []) =>
  createDatasets(root, {
    roots: () => [tmpdir(), ...roots],
    scratch: () => {
      scratch ??= mkdtempSync(join(tmpdir(), 'refit-data-'));
      return scratch;
    },
  });
