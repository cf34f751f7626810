import { expect, it } from 'vitest';
import { exportOptions } from '../../src/execute/executors/slurm/sbatch-options.js';

it('gives a job no variable of refit, and leaves sbatch the token with which it says who it is', () => {
  expect(exportOptions(undefined, { HOME: '/h' })).toEqual(['--export=ALL', '--export-file=/dev/null']);
  expect(exportOptions(undefined, { SLURM_JWT: 'token' })).toEqual(['--export=NIL']);
  expect(exportOptions(['A', 'B'], {})).toEqual(['--export=A,B']);
});

it('leaves it to options of the settings what is exported', () => {
  for (const option of ['--export=A=1', '--export', '--get-user-env', '--get-user-env=10L'])
    expect(exportOptions(undefined, {}, ['--nice=1', option])).toEqual(['--export=NIL']);
  expect(exportOptions(undefined, {}, ['--export-file=/f'])).toEqual(['--export=ALL']);
  expect(exportOptions(undefined, {}, ['--exclusive'])).toEqual(['--export=ALL', '--export-file=/dev/null']);
});
