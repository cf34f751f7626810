import type { Files } from '../domain/ports/platform.js';
import { isAtOrBelow } from '../domain/support/paths.js';
import type { FileHome } from './parse/collect-diagnostics.js';

/**
 * The folders of `roots` in refit.yaml, and the links at the top of the workspace that lead into them. Absolute paths below such a
 * link's place mean the path through the link, which is the same on every machine. Such paths may stand in the file, in a value of `--param` or in a variable.
 */
export async function linkedRoots(
  files: Pick<Files, 'linkedFolders' | 'listFolder' | 'readLink' | 'realPlace'>,
): Promise<Pick<FileHome, 'roots' | 'links'>> {
  const roots = files.linkedFolders();
  if (roots.length === 0) return {};
  const links: { readonly name: string; readonly place: string }[] = [];
  for (const name of await files.listFolder('.').catch(() => [])) {
    const target = await files.readLink(name);
    if (target === undefined) continue;
    const real = files.realPlace(name);
    if (!roots.some((root) => isAtOrBelow(real, root))) continue;
    links.push({ name, place: real });
    if (target.startsWith('/')) links.push({ name, place: target.replace(/\/+$/, '') });
  }
  return { roots, links: links.sort((a, b) => b.place.length - a.place.length) };
}
