import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** The folders beside the workspace that `roots` of refit.yaml allows data to be read from; of a file that cannot be read, none. */
export function readDataRoots(root: string): readonly string[] {
  try {
    const settings: unknown = parse(readFileSync(join(root, 'refit.yaml'), 'utf8'), { maxAliasCount: 0 });
    const roots = typeof settings === 'object' && settings !== null && 'roots' in settings ? settings.roots : [];
    return Array.isArray(roots) ? roots.filter((one) => typeof one === 'string') : [];
  } catch {
    // `validate` says what is wrong with it; nothing more is allowed meanwhile
    return [];
  }
}
