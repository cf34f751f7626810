import type { ModelVersion, PublishedManifest, PublishedPointer } from '../../domain/models/model.js';

/** What `refit.json` says in every published folder of this version. */
export function manifestText(version: ModelVersion): string {
  const manifest: PublishedManifest = {
    schema_version: 1,
    model: version.model,
    version: version.version,
    hash: version.hash,
    run: version.run,
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** What `current.json` says beside the symlink while the version serves from `versions/<folder>`. */
export function pointerText(version: ModelVersion, folder: string, generation: number): string {
  const pointer: PublishedPointer = {
    schema_version: 1,
    model: version.model,
    version: version.version,
    hash: version.hash,
    run: version.run,
    generation,
    path: `versions/${folder}`,
  };
  return `${JSON.stringify(pointer, null, 2)}\n`;
}

/**
 * `<n>-<first eight of the hash>`. A folder is never written again: should somebody have changed it, the version is placed
 * anew beside it, as `<n>-<hash>.2`.
 */
export const folderName = (version: ModelVersion, attempt: number): string =>
  `${version.version}-${version.hash.slice(0, 8)}${attempt === 1 ? '' : `.${attempt}`}`;

export interface PublishedFolder {
  readonly name: string;
  readonly version: number;
  readonly attempt: number;
}

/** The folders of versions among the names of `versions/`. */
export const publishedFolders = (names: readonly string[]): readonly PublishedFolder[] =>
  names.flatMap((name) => {
    const [, version, attempt = '1'] = /^(\d+)-[0-9a-f]{8}(?:\.(\d+))?$/.exec(name) ?? [];
    return version === undefined ? [] : [{ name, version: Number(version), attempt: Number(attempt) }];
  });

/** The name that a model's file keeps in its published folder. */
export const lastSegment = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
