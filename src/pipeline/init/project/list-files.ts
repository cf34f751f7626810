import type { Files } from '../../../domain/ports/platform.js';
import type { LeftOut } from './project.js';

export interface ListedFiles {
  readonly files: ReadonlyMap<string, number>;
  readonly folders: ReadonlySet<string>;
  readonly venv: string | undefined;
  readonly leftOut: readonly LeftOut[];
}

const MOST_FILES = 5000;
const MOST_DEPTH = 5;

/** Folders that hold no work of the project's authors, or what earlier runs made. */
const NOT_OURS =
  /^(\..*|node_modules|__pycache__|site-packages|renv|packrat|serving|mlruns|wandb|build|dist|.*\.egg-info|tests?)$/i;

/** Names that refit could only write with care, or that a shell or a glob would read as something else. */
const ODD_NAME = /[\p{C}\p{Zl}\p{Zp}*?[\]{}"'`\\$]|^[-~]/u;

type Listing = Pick<Files, 'root' | 'listFolder' | 'stat' | 'outside' | 'realPlace'>;

/**
 * The files of a project with their sizes. Pipes, devices and links that lead outside are not followed. A folder that links lead to
 * is listed once, under its own name if it is a folder of the project.
 */
export async function listFiles(files: Listing): Promise<ListedFiles> {
  const found = new Map<string, number>();
  const folders = new Set<string>();
  const leftOut: LeftOut[] = [];
  let venv: string | undefined;
  const { add, next } = createQueue(files, folders);
  const isFull = (): boolean => found.size >= MOST_FILES || folders.size >= MOST_FILES;
  for (let folder = next(); folder !== undefined && !isFull(); folder = next()) {
    const names = await files.listFolder(folder === '' ? '.' : folder).catch(() => undefined);
    if (names === undefined) leftOut.push({ path: folder || '.', why: 'it cannot be listed' });
    for (const name of [...(names ?? [])].sort()) {
      const path = folder === '' ? name : `${folder}/${name}`;
      const stat = await files.stat(path);
      const isHidden = name.startsWith('.');
      if (ODD_NAME.test(name)) {
        if (!isHidden && stat !== undefined)
          leftOut.push({ path, why: 'its name holds signs that a command could misread' });
      } else if (stat?.kind === 'folder') {
        if (folder === '' && (await files.stat(`${path}/pyvenv.cfg`)) !== undefined) venv ??= path;
        else if (!NOT_OURS.test(name)) add(path);
      } else if (!isHidden && stat !== undefined && !isFull()) {
        if (stat.kind === 'other') leftOut.push({ path, why: 'it is a pipe or a device' });
        else if (files.outside(path) !== undefined)
          leftOut.push({ path, why: 'it is a link that leads out of this folder' });
        else found.set(path, stat.size);
      }
    }
  }
  if (isFull()) leftOut.push({ path: '.', why: `only its first ${MOST_FILES} files were looked at` });
  return { files: found, folders, venv, leftOut };
}

/** The folders that are still to be listed: those of the project first, then what links lead to besides. */
function createQueue(files: Listing, folders: Set<string>) {
  const seen = new Set([files.realPlace('.')]);
  const own = [''];
  const linked: string[] = [];
  return {
    add: (path: string): void => {
      if (files.outside(path) !== undefined || path.split('/').length > MOST_DEPTH) return;
      if (!isOwnPlace(files, path)) return void linked.push(path);
      seen.add(files.realPlace(path));
      folders.add(path);
      own.push(path);
    },
    next: (): string | undefined => {
      const folder = own.shift();
      if (folder !== undefined) return folder;
      for (let link = linked.shift(); link !== undefined; link = linked.shift()) {
        const real = files.realPlace(link);
        if (seen.has(real)) continue;
        seen.add(real);
        folders.add(link);
        return link;
      }
      return undefined;
    },
  };
}

/** Whether neither the folder nor one above it is a link. */
const isOwnPlace = ({ realPlace }: Listing, path: string): boolean => realPlace(path) === `${realPlace('.')}/${path}`;
