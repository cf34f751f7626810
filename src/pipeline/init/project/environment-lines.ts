import type { StepDraft } from './draft-steps.js';
import type { Project } from './project.js';
import { plain } from './yaml-text.js';

interface EnvironmentLines {
  readonly lines: readonly string[];
  /** Lists of packages to name as inputs: an environment replaces those of Python. */
  readonly packages: readonly string[];
  readonly decided: readonly string[];
  readonly fillIn: readonly string[];
}

/** The environment that the project brings, or what stands for it. */
export function composeEnvironment({ venv, conda, packages }: Project, steps: readonly StepDraft[]): EnvironmentLines {
  const ofR = packages.filter((path) => path === 'renv.lock');
  const isPython = steps.some(({ script }) => script.language !== 'r' && script.language !== 'node');
  if (venv !== undefined && isPython)
    return {
      lines: [`python: ${plain(venv)}`],
      packages: ofR,
      decided: [`steps run in ${venv}: it is the virtual environment here`],
      fillIn: [],
    };
  if (conda?.isHere === true)
    return {
      lines: [`conda: ${plain(conda.name)}`],
      packages: ofR,
      decided: [`steps run in the conda environment ${conda.name}: environment.yml names it`],
      fillIn: [],
    };
  const decided =
    packages.length === 0
      ? []
      : [
          `${packages.join(', ')} ${packages.length === 1 ? 'is an input' : 'are inputs'}: other packages give another result`,
        ];
  if (conda !== undefined)
    return {
      lines: [`# conda: ${conda.name}   # once it exists: conda env create -n ${conda.name} -f environment.yml`],
      packages,
      decided,
      fillIn: [
        `the conda environment ${conda.name} of environment.yml is not on this machine: create it, then name it with "conda: ${conda.name}"`,
      ],
    };
  return {
    lines:
      isPython && packages.some((path) => path.startsWith('requirements'))
        ? ['# python: .venv   # once it exists: python3 -m venv .venv && .venv/bin/pip install -r requirements.txt']
        : [],
    packages,
    decided,
    fillIn: [],
  };
}
