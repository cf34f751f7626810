import { expect, it } from 'vitest';
import type { Step } from '../../../src/domain/pipeline/pipeline.js';
import { lockFileWarnings } from '../../../src/execute/plan/warnings.js';

const step = (command: string, inputs: readonly string[] | undefined, declaredName = 's'): Step =>
  ({
    name: declaredName,
    declaredName,
    command: { kind: 'shell', script: [{ kind: 'text', text: command }] },
    inputs: inputs?.map((path) => ({ kind: 'path', path })),
  }) as unknown as Step;

it.each(['python train.py', 'python3.13 train.py', 'cd x && node a.js', 'npx tsx a.ts', 'uv run a.py', 'x | node'])(
  'warns of "%s" without a lock file',
  (command) => {
    expect(lockFileWarnings([step(command, ['train.py'])])).toEqual([
      'no lock file among the inputs of s: upgraded packages would not rerun them (add requirements.txt or package-lock.json, or name the environment, as in python: .venv)',
    ]);
  },
);

it.each(['cp a b', 'pythonista a', './node_modules/x', 'my-python a', 'nodes'])('says nothing of "%s"', (command) => {
  expect(lockFileWarnings([step(command, ['a'])])).toEqual([]);
});

it.each([
  'package-lock.json',
  'sub/npm-shrinkwrap.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  'requirements.txt',
  'requirements-dev.txt',
  'poetry.lock',
  'uv.lock',
  'Pipfile.lock',
  'pdm.lock',
  'environment.yml',
  'environment.yaml',
  'conda-lock.yml',
  'pylock.toml',
  'pylock.dev.toml',
])('takes %s for a lock file', (path) => {
  expect(lockFileWarnings([step('python a.py', ['a.py', path])])).toEqual([]);
});

it.each(['my-yarn.lock', 'requirements.txt.bak', 'notrequirements.txt', 'package.json'])(
  'does not take %s for one',
  (path) => {
    expect(lockFileWarnings([step('python a.py', [path])])).toHaveLength(1);
  },
);

it('reads the pattern of a glob, and no dataset', () => {
  const glob = { ...step('python a.py', []), inputs: [{ kind: 'glob', pattern: 'env/uv.lock' }] };
  const dataset = { ...step('python a.py', []), inputs: [{ kind: 'dataset', name: 'yarn.lock' }] };
  expect(lockFileWarnings([glob as unknown as Step])).toEqual([]);
  expect(lockFileWarnings([dataset as unknown as Step])).toHaveLength(1);
});

it('says nothing of a step without declared inputs, which always runs, and names every other step once', () => {
  expect(lockFileWarnings([step('python a.py', undefined)])).toEqual([]);
  const [warning] = lockFileWarnings([
    step('python a.py', [], 'a'),
    step('cp a b', [], 'b'),
    step('node a.js', [], 'c'),
    step('node a.js', [], 'c'),
  ]);
  expect(warning).toContain('among the inputs of a, c:');
});
