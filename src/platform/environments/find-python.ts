import { existsSync, lstatSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { EnvironmentFault, FoundEnvironment } from '../../domain/ports/environments.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { shellQuote } from '../../domain/support/shell-quote.js';
import { readRegularFile } from '../regular-file.js';
import { namesIn, packageFolders, pythonPackages } from './installed-packages.js';

const MOST_CONFIG_BYTES = 64 * 1024;

/** A virtual environment, or any other folder with `bin/python3`. `declared` is its path as the pipeline names it. */
export function findPython(declared: string, prefix: string): Result<FoundEnvironment, EnvironmentFault> {
  const programs = join(prefix, 'bin');
  const fault = faultOf(declared, prefix);
  if (fault !== undefined) return err(fault);
  const config = readConfig(join(prefix, 'pyvenv.cfg'));
  const version = config.version_info ?? config.version ?? versionByFolder(prefix);
  const shared = config['include-system-site-packages'] === 'true' ? sharedFolders(config.home, version) : [];
  return ok({
    programs,
    variables: { VIRTUAL_ENV: prefix },
    packages: {
      ...(version === undefined ? {} : { python: version }),
      ...pythonPackages([...packageFolders(prefix), ...shared]),
    },
  });
}

function faultOf(declared: string, prefix: string): EnvironmentFault | undefined {
  const python = ['python3', 'python'].map((name) => join(prefix, 'bin', name));
  const reason = reasonOf(declared, prefix, python);
  if (reason === undefined) return undefined;
  return { reason, next: isOtherFile(prefix) ? nameFolder(declared) : `create it: ${creation(declared, prefix)}` };
}

/** Whether the path leads to something that is no folder, such as the interpreter of an environment. */
const isOtherFile = (prefix: string): boolean => existsSync(prefix) && !statSync(prefix).isDirectory();

function nameFolder(declared: string): string {
  const folder = /^(.+)\/bin\/[^/]+$/.exec(declared)?.[1];
  return folder === undefined ? 'name the folder of a virtual environment, such as .venv' : `write python: ${folder}`;
}

function reasonOf(declared: string, prefix: string, python: readonly string[]): string | undefined {
  if (python.some((path) => existsSync(path))) return undefined;
  if (!existsSync(prefix)) return `there is no folder ${declared}`;
  if (isOtherFile(prefix)) return `${declared} is a file, and "python" names the folder of an environment`;
  const isDangling =
    !isOtherFile(join(prefix, 'bin')) &&
    python.some((path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined);
  return isDangling
    ? `the Python that ${declared} was made from is gone`
    : `${declared} holds no bin/python3, so it is no Python environment`;
}

/** The commands that make the environment from the project's list of packages. */
function creation(declared: string, prefix: string): string {
  const root = dirname(prefix);
  const folder = /^[\w./~-]+$/.test(declared) ? declared : shellQuote(declared);
  const make = `python3 -m venv --clear ${folder}`.replace(existsSync(prefix) ? '' : ' --clear', '');
  const install = existsSync(join(root, 'requirements.txt'))
    ? ' -r requirements.txt'
    : existsSync(join(root, 'pyproject.toml'))
      ? ' -e .'
      : undefined;
  return install === undefined ? make : `${make} && ${folder}/bin/pip install${install}`;
}

/** `pyvenv.cfg` holds lines `key = value`. A missing or odd file counts as empty. */
function readConfig(path: string): Readonly<Record<string, string>> {
  try {
    const lines = readRegularFile(path, MOST_CONFIG_BYTES).toString('utf8').split('\n');
    return Object.fromEntries(
      lines.flatMap((line) => {
        const [, key, value] = /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
        return key === undefined || value === undefined ? [] : [[key.toLowerCase(), value]];
      }),
    );
  } catch {
    return {};
  }
}

const versionByFolder = (prefix: string): string | undefined =>
  namesIn(join(prefix, 'lib'))
    .map((name) => /^python(3\.\d+)/.exec(name)?.[1])
    .find((version) => version !== undefined);

/** With `--system-site-packages`, the packages of the Python that it was made from are used too. */
function sharedFolders(home: string | undefined, version: string | undefined): readonly string[] {
  if (home === undefined || basename(home) !== 'bin') return [];
  const prefix = resolve(home, '..');
  const minor = /^3\.\d+/.exec(version ?? '')?.[0];
  const own = packageFolders(prefix).filter((folder) => minor === undefined || fits(folder, minor));
  // Debian's pip installs for all users below /usr/local.
  return prefix === '/usr' ? [...own, ...packageFolders('/usr/local').filter((one) => fits(one, minor ?? ''))] : own;
}

const fits = (folder: string, minor: string): boolean => {
  const name = basename(dirname(folder));
  return name === 'python3' || name === `python${minor}`;
};
