import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type * as Yaml from 'yaml';

const require = createRequire(import.meta.url);

/**
 * The folders outside the workspace that `roots` in refit.yaml allows data to be read from, as absolute paths. None if the file
 * cannot be read: `validate` reports why. None either if it is a link out of the workspace: what another file says would then allow
 * that file itself.
 */
export function readDataRoots(root: string, readOwn: (root: string, name: string) => string): readonly string[] {
  const text = readOwn(root, 'refit.yaml');
  // Loading the parser takes longer than most commands, and few workspaces have this key.
  if (text.length > MOST_CHARACTERS || !text.includes('roots')) return [];
  const { parse }: Pick<typeof Yaml, 'parse'> = require('yaml');
  try {
    const settings: unknown = parse(text, { maxAliasCount: 0, uniqueKeys: false, logLevel: 'error' });
    const roots = typeof settings === 'object' && settings !== null && 'roots' in settings ? settings.roots : [];
    return Array.isArray(roots)
      ? roots.filter((one) => typeof one === 'string').map((one) => resolve(root, fromHome(one)))
      : [];
  } catch {
    return [];
  }
}

/** A longer file is refused by whoever reads its other settings: parsing it would take long. */
const MOST_CHARACTERS = 2 * 1024 * 1024;

const fromHome = (path: string): string => (/^~(\/|$)/.test(path) ? join(homedir(), path.slice(1)) : path);
