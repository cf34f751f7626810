import { expect, it } from 'vitest';
import { figureBeside, figure as gateFigure } from '../../../src/gate/judge/figure.js';
import { besideLimit, distinctFigures, figure, inFull } from '../../../src/render/parts/parts.js';
import { createRig } from '../../support/rig.js';

it.each([
  [0.00001, '0.00001'],
  [-0.0000123456, '-0.0000123'],
  [1e-9, '1e-9'],
  [0.0004567, '0.000457'],
  [0.12345678, '0.1235'],
  [12345.678, '12345.7'],
  [146653.04, '146653'],
  [0, '0'],
  [9007199254740991, '9007199254740991'],
])('shows %j with the digits that matter: %s', (value, text) => {
  expect(figure(value)).toBe(text);
});

it('never shows a figure that is not 0 as 0', () => {
  for (let power = -320; power < 0; power++)
    for (const show of [figure, gateFigure]) expect(Number(show(3 * 10 ** power))).not.toBe(0);
});

it('shows what a person has set in full, and two different figures as different', () => {
  expect(inFull(0.123456789)).toBe('0.123456789');
  for (const [a, b] of [
    [0.12345, 0.12346],
    [12345.678, 12345.679],
    [0.00001, 0.00002],
    [1, 1.00000001],
    [1e-300, 2e-300],
  ] as const) {
    const [left, right] = distinctFigures(a, b);
    expect(left).not.toBe(right);
    expect([Number(left) < Number(right), Number(left)]).toEqual([true, expect.closeTo(a, 1)]);
  }
});

it('shows what was measured beside its limit, and two that differ as different', () => {
  expect(besideLimit(0.4, 0.3)).toBe('0.4, limit 0.3');
  expect(besideLimit(0.300004, 0.3)).toBe('0.300004, limit 0.3');
  expect(besideLimit(0.3, 0.3)).toBe('0.3, limit 0.3');
  expect(besideLimit('31d', '30d')).toBe('31d, limit 30d');
  expect(besideLimit(3, undefined)).toBe('3');
  expect(figureBeside(0.59999, 0.6)).toBe('0.59999');
  expect(figureBeside(0.6, 0.6)).toBe('0.6');
  expect(figureBeside(0.61234567, 0.6)).toBe('0.6123');
});

it('shows different small params and metrics as different', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
params: { lr: 1.0e-5, decay: 0.123456 }
steps:
  a: { run: 'echo \${{ params.lr }} > m.txt; echo "{\\"loss\\": "\${{ params.lr }}"}" > l.json', inputs: [], outputs: [m.txt], metrics: l.json }
`,
  });
  await rig.json(0, 'run', 'p');
  await rig.json(0, 'run', 'p', '--param', 'lr=2e-5', '--param', 'decay=0.123457');
  const [one, two] = (await rig.json(0, 'runs')).runs.map((run: { id: string }) => run.id).reverse();
  const { stdout } = await rig.refit('diff', one, two);
  expect(stdout).toMatch(/lr +0\.00001 +0\.00002/);
  expect(stdout).toMatch(/decay +0\.123456 +0\.123457/);
  expect(stdout).toMatch(/loss +0\.00001 +0\.00002/);
});
