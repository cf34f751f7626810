import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ArtifactAddress } from '../../domain/ports/run-history.js';
import { realPathBelow } from '../../platform/containment.js';

/**
 * Local places where an MLflow artifact URI may be, given the folder of the database. A server stores artifacts in
 * `mlartifacts` beside the database by default. For a moved database, the same path beside it is tried too.
 */
export function addressOf(uri: string, folder: string): ArtifactAddress {
  const path = pathOf(uri, folder);
  if (path === undefined) return { uri, places: [] };
  const moved = /\/((?:mlruns|mlartifacts)\/.*)$/.exec(path)?.[1];
  const places = moved === undefined ? [path] : [path, join(folder, moved)];
  return { uri, places: [...new Set(places)] };
}

/** Finds the bytes that a database refers to. */
export interface Addresses {
  readonly of: (uri: string) => ArtifactAddress;
}

/**
 * A database is written by others and can name any file of this machine. Bytes are taken only from where they really lie in the
 * folder of the database or below an allowed folder.
 */
export function createAddresses(folder: string, allowed: readonly string[]): Addresses {
  const folders = [folder, ...allowed];
  const isAllowed = (place: string): boolean => folders.some((one) => realPathBelow(one, place) !== undefined);
  return {
    of: (uri) => {
      const address = addressOf(uri, folder);
      return { ...address, places: address.places.filter(isAllowed) };
    },
  };
}

function pathOf(uri: string, folder: string): string | undefined {
  if (uri.startsWith('file:')) return filePath(uri);
  const proxied = /^mlflow-artifacts:(?:\/\/[^/]*)?\/+(.*)$/.exec(uri)?.[1];
  if (proxied !== undefined) return inside(join(folder, 'mlartifacts'), proxied);
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(uri) || uri === '') return undefined;
  return isAbsolute(uri) ? uri : join(folder, uri);
}

const inside = (folder: string, path: string): string | undefined =>
  path.split('/').includes('..') ? undefined : join(folder, path);

function filePath(uri: string): string | undefined {
  try {
    return fileURLToPath(uri.replace(/^file:(?!\/\/)\/?/, 'file:///'));
  } catch {
    return undefined;
  }
}

/** The address of a path below another address. */
export const below = ({ uri, places }: ArtifactAddress, path: string): ArtifactAddress => ({
  uri: `${uri}/${path}`,
  places: path.split('/').includes('..') ? [] : places.map((place) => join(place, path)),
});
