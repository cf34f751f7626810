import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { Environments } from '../../domain/ports/environments.js';
import { findConda } from './find-conda.js';
import { findPython } from './find-python.js';

/** `root`: the workspace. A scratch workspace uses the environments of the real one. */
export const createEnvironments = (
  root: string,
  variables: () => Readonly<Record<string, string | undefined>>,
): Environments => ({
  find: ({ kind, name }) => {
    const home = variables().HOME ?? homedir();
    return kind === 'python'
      ? findPython(name, resolve(root, name.replace(/^~(?=\/)/, home)))
      : findConda(name, { root, home, variables: variables() });
  },
});
