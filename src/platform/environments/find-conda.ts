import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { EnvironmentFault, FoundEnvironment } from '../../domain/ports/environments.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { shellQuote } from '../../domain/support/shell-quote.js';
import { readRegularFile } from '../regular-file.js';
import { condaPackages, packageFolders, pythonPackages } from './installed-packages.js';

export interface CondaPlaces {
  /** The workspace, for `conda: ./env`. */
  readonly root: string;
  readonly home: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

const INSTALLATIONS = ['miniconda3', 'miniforge3', 'anaconda3', 'mambaforge', 'micromamba'];

/** A conda environment by name, or by path if `declared` holds a slash. Finds it in files; conda itself is not started. */
export function findConda(declared: string, places: CondaPlaces): Result<FoundEnvironment, EnvironmentFault> {
  const prefix = candidates(declared, places).find((one) => existsSync(join(one, 'conda-meta')));
  if (prefix === undefined) return err(fault(declared, places));
  const own = condaPackages(prefix);
  return ok({
    programs: join(prefix, 'bin'),
    variables: { CONDA_PREFIX: prefix, CONDA_DEFAULT_ENV: declared },
    packages: { ...pythonPackages(packageFolders(prefix)), ...own },
  });
}

function candidates(declared: string, places: CondaPlaces): readonly string[] {
  if (declared.includes('/')) return [resolve(places.root, declared.replace(/^~(?=\/)/, places.home))];
  const { variables } = places;
  const installed = installations(places);
  return [
    ...(variables.CONDA_DEFAULT_ENV === declared ? set(variables.CONDA_PREFIX) : []),
    ...(declared === 'base' ? installed : []),
    ...folders(variables.CONDA_ENVS_PATH ?? variables.CONDA_ENVS_DIRS).map((folder) => join(folder, declared)),
    ...installed.map((prefix) => join(prefix, 'envs', declared)),
    join(places.home, '.conda', 'envs', declared),
    ...listed(places.home).filter((prefix) => basename(prefix) === declared),
  ];
}

function installations({ home, variables }: CondaPlaces): readonly string[] {
  const ofProgram = set(variables.CONDA_EXE).map((program) => dirname(dirname(program)));
  const known = [home, '/opt'].flatMap((folder) => INSTALLATIONS.map((name) => join(folder, name)));
  return [...ofProgram, ...set(variables.MAMBA_ROOT_PREFIX), ...known, '/opt/conda'];
}

const set = (value: string | undefined): readonly string[] => (value === undefined || value === '' ? [] : [value]);
const folders = (value: string | undefined): readonly string[] => set(value).flatMap((one) => one.split(':'));

/** conda and mamba list every environment that they make. */
function listed(home: string): readonly string[] {
  try {
    const text = readRegularFile(join(home, '.conda', 'environments.txt'), 1024 * 1024).toString('utf8');
    return text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line.startsWith('/'));
  } catch {
    return [];
  }
}

function fault(declared: string, { root }: CondaPlaces): EnvironmentFault {
  const isPath = declared.includes('/');
  const file = ['environment.yml', 'environment.yaml'].find((name) => existsSync(join(root, name)));
  const quoted = /^[\w./~-]+$/.test(declared) ? declared : shellQuote(declared);
  const make = `conda ${file === undefined ? 'create' : 'env create'} ${isPath ? '-p' : '-n'} ${quoted}`;
  return {
    reason: isPath
      ? `${declared} holds no conda-meta, so it is no conda environment`
      : `there is no conda environment "${declared}" in the folders of conda, miniforge, mamba and micromamba, nor in ~/.conda/environments.txt`,
    next: `create it: ${make} ${file === undefined ? 'python' : `-f ${file}`}; or name its folder, as "conda env list" prints it`,
  };
}
