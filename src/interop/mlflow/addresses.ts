import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ArtifactAddress } from '../../domain/ports/run-history.js';

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
