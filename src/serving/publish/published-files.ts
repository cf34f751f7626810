import type { ModelVersion, PublishedManifest, PublishedPointer } from '../../domain/models/model.js';

/** Text of `refit.json` in the published folders of this version. */
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

/** Text of `current.json` while the version serves from `versions/<folder>`. */
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
 * `<n>-<first eight digits of the hash>`. Folders are never written again: if one was changed, the version goes into
 * another, `<n>-<hash>.2`.
 */
export const folderName = (version: ModelVersion, attempt: number): string =>
  `${version.version}-${version.hash.slice(0, 8)}${attempt === 1 ? '' : `.${attempt}`}`;

export interface PublishedFolder {
  readonly name: string;
  readonly version: number;
  readonly attempt: number;
}

/** The version folders among the names in `versions/`. */
export const publishedFolders = (names: readonly string[]): readonly PublishedFolder[] =>
  names.flatMap((name) => {
    const [, version, attempt = '1'] = /^(\d+)-[0-9a-f]{8}(?:\.(\d+))?$/.exec(name) ?? [];
    return version === undefined ? [] : [{ name, version: Number(version), attempt: Number(attempt) }];
  });
