import type { WorkspacePath } from '../domain/ids.js';
import type { ArtifactAddress, KeptVersion } from '../domain/ports/run-history.js';
import type { Services } from '../domain/ports/services.js';
import type { Artifact } from '../domain/runs/artifact.js';

export type Importing = Pick<Services, 'registry' | 'artifacts' | 'clock' | 'signal' | 'surroundings'> & {
  /** An absolute path, seen from the workspace. */
  readonly place: (path: string) => { readonly path: string };
};

/** Bytes of an address in the store; each address is looked for once. */
export type Bytes = (address: ArtifactAddress) => Promise<Artifact | undefined>;

export function createBytes({ artifacts, place }: Importing): Bytes {
  const known = new Map<string, Artifact | undefined>();
  return async (address) => {
    const key = address.places.join('\n');
    if (known.has(key)) return known.get(key);
    let found: Artifact | undefined;
    for (const one of address.places) {
      const saved = await artifacts.save(place(one).path as WorkspacePath);
      // an empty folder is what a run leaves that logged nothing
      if (saved.ok && !(saved.value.kind === 'folder' && saved.value.size === 0)) {
        found = saved.value;
        break;
      }
    }
    known.set(key, found);
    return found;
  };
}

/** Where an artifact of a run is said to have been written: no file lies there. */
export const importedPath = (run: string, name: string): WorkspacePath => `mlruns/${run}/${name}` as WorkspacePath;

export const versionPath = ({ model, version, run }: KeptVersion): WorkspacePath =>
  importedPath(run ?? 'unknown', `${model}@${version}`);
