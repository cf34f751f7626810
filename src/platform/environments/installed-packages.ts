import { readdirSync } from 'node:fs';
import { join } from 'node:path';

type Packages = Readonly<Record<string, string>>;

/** The names in a folder, sorted; none if it cannot be read. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** Folders of Python packages below a prefix: `lib/python3.11/site-packages`, and Debian's `dist-packages`. */
export const packageFolders = (prefix: string): readonly string[] =>
  ['lib', 'lib64'].flatMap((lib) =>
    namesIn(join(prefix, lib))
      .filter((name) => /^python3(\.\d+t?)?$/.test(name))
      .flatMap((name) => ['site-packages', 'dist-packages'].map((folder) => join(prefix, lib, name, folder))),
  );

/** Packages by the names of their metadata: `numpy-1.26.4.dist-info`, or `numpy-1.26.4-py3.11.egg-info`. */
export function pythonPackages(folders: readonly string[]): Packages {
  const packages: Record<string, string> = {};
  for (const name of folders.flatMap(namesIn)) {
    const [, project, version] = /^(.+?)-(\d[^-]*)(?:-py[\d.]+)?\.(?:dist|egg)-info$/.exec(name) ?? [];
    if (project !== undefined && version !== undefined) packages[normalized(project)] ??= version;
  }
  return packages;
}

/** As PEP 503 compares names: `scikit_learn` and `Scikit-Learn` are one package. */
const normalized = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');

/** Packages by the records of conda: `conda-meta/numpy-1.26.4-py311h64a7726_0.json`. The build counts too. */
export function condaPackages(prefix: string): Packages {
  const packages: Record<string, string> = {};
  for (const name of namesIn(join(prefix, 'conda-meta'))) {
    const [, project, version, build] = /^(.+)-([^-]+)-([^-]+)\.json$/.exec(name) ?? [];
    if (project !== undefined) packages[project.toLowerCase()] = `${version} ${build}`;
  }
  return packages;
}
