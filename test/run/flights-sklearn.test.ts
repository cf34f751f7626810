import { execFileSync } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { isInstalled } from '../support/required.js';
import { createRig } from '../support/rig.js';

const PROJECT = resolve(import.meta.dirname, '../..');

/** Folder of the first python3 that has scikit-learn. */
function findPython(): string | undefined {
  for (const python of ['python3', '/usr/bin/python3']) {
    try {
      return dirname(
        execFileSync(python, ['-c', 'import sklearn, sys; print(sys.executable)'], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        }).trim(),
      );
    } catch {
      // not here, or without scikit-learn
    }
  }
  return undefined;
}

const python = findPython();

it.skipIf(!isInstalled(python !== undefined, 'python3 with scikit-learn'))(
  'trains the flights job with scikit-learn, judges and explains it',
  async () => {
    using rig = createRig({}, { PATH: `${python ?? ''}:${process.env.PATH ?? ''}`, NODE_PATH: '' });
    rig.copy('pipelines/flights', 'pipelines/flights');
    rig.copy('pipelines/flights-sklearn', 'pipelines/flights-sklearn');
    rig.copy('pipelines/flights-sklearn.yaml', 'pipelines/flights-sklearn.yaml');
    execFileSync('ln', ['-s', resolve(PROJECT, 'node_modules'), resolve(rig.root, 'node_modules')]);
    execFileSync(process.execPath, ['pipelines/flights/land.js', '2001-01'], { cwd: rig.root });
    const ran = await rig.json(0, 'run', 'flights-sklearn', '--now', '2001-02-01');
    expect(ran).toMatchObject({
      model_version: 'flights-delay-sklearn@1',
      gate: { verdict: 'pass' },
    });
    expect(ran.evaluation.auc).toBeGreaterThan(0.6);
    expect(ran.evaluation.auc_over_route_average).toBeGreaterThan(0.005);
    await rig.json(0, 'promote', 'flights-delay-sklearn@1', '--reason', 'first');
    const why = await rig.json(0, 'why', 'flights-delay-sklearn');
    expect(why.run.environment.tools.python3).toMatch(/^3\./);
  },
);
