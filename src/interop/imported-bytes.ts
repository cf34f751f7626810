import type { WorkspacePath } from '../domain/ids.js';
import type { ArtifactAddress, KeptVersion } from '../domain/ports/run-history.js';
import type { Services } from '../domain/ports/services.js';
import type { Artifact } from '../domain/runs/artifact.js';

export type Importing = Pick<Services, 'registry' | 'artifacts' | 'clock' | 'signal' | 'surroundings'> & {
  /** Converts an absolute path to a path relative to the workspace. */
  readonly place: (path: string) => { readonly path: string };
};

/** Saves the bytes of an address to the store. Each address is searched only once. */
export type Bytes = (address: ArtifactAddress) => Promise<Artifact | undefined>;

export function createBytes({ artifacts, place }: Importing): Bytes {
  const known = new Map<string, Artifact | undefined>();
  return async (address) => {
    const key = address.places.join('\n');
    if (known.has(key)) return known.get(key);
    let found: Artifact | undefined;
    for (const one of address.places) {
      const saved = await artifacts.save(place(one).path as WorkspacePath);
      // A run that logged nothing leaves an empty folder.
      if (saved.ok && !(saved.value.kind === 'folder' && saved.value.size === 0)) {
        found = saved.value;
        break;
      }
    }
    known.set(key, found);
    return found;
  };
}

/** The recorded path of an imported artifact. No file exists there. */
export const importedPath = (run: string, name: string): WorkspacePath => `mlruns/${run}/${name}` as WorkspacePath;

export const versionPath = ({ model, version, run }: KeptVersion): WorkspacePath =>
  importedPath(run ?? 'unknown', `${model}@${version}`);
