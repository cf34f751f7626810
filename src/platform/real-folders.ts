import { lstatSync } from 'node:fs';

/** Folders that were looked at: whoever can replace one while a command runs can write `.refit` anyway. */
const real = new Set<string>();

const OWN = '/.refit/';

/**
 * Throws `ELOOP` where `folder` lies in `.refit` and one of the folders on the way is a link: refit makes none there, so somebody
 * else has, and it leads elsewhere. Folders that are not there yet are fine.
 */
export function requireRealFolders(folder: string): void {
  const own = `${folder}/`.indexOf(OWN);
  if (own < 0 || real.has(folder)) return;
  for (let end = own + OWN.length - 1; end <= folder.length; end = nextSlash(folder, end)) {
    const part = folder.slice(0, end);
    if (real.has(part)) continue;
    const found = lstatSync(part, { throwIfNoEntry: false });
    if (found === undefined) return;
    if (found.isSymbolicLink())
      throw Object.assign(new Error(`${part} is a link`), { code: 'ELOOP', syscall: 'mkdir', path: part });
    real.add(part);
  }
}

function nextSlash(folder: string, after: number): number {
  const next = folder.indexOf('/', after + 1);
  return next >= 0 ? next : after < folder.length ? folder.length : folder.length + 1;
}
