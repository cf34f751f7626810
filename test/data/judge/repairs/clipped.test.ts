import { describe, expect, it } from 'vitest';
import { testClipped } from '../../../../src/data/judge/repairs/clipped.js';
import { triage } from '../../../../src/data/judge/triage.js';
import { column, normals, pair, roundTo, table } from '../profiles.js';

const N = 2000;
const amounts = (seed: number, median = 4000): number[] => normals(seed, N, (z) => roundTo(2)(median * Math.exp(z)));
const upTo = (values: readonly number[], limit: number): number[] => values.map((one) => Math.min(one, limit));
const says = (was: readonly number[], is: readonly number[]) =>
  testClipped(pair('amount', was, is))?.severity ?? 'nothing';

describe('values beyond a limit that lie at it now', () => {
  it('are unclear', () => {
    const found = testClipped(pair('amount', amounts(1), upTo(amounts(2), 9999.99)));
    expect(found).toMatchObject({
      code: 'clipped',
      severity: 'unclear',
      detail: expect.stringMatching(/^1\d(\.\d+)? % of the values are 9999\.99 and none lies beyond/),
      selects: { kind: 'one-of', values: [9999.99] },
      readings: [{ as: 'bug' }, { as: 'normal', text: expect.stringContaining('a cap') }],
    });
  });

  it('may lie below it, too', () => {
    const degrees = (seed: number): number[] => normals(seed, N, (z) => roundTo(1)(8 + 8 * z));
    expect(
      says(
        degrees(1),
        degrees(2).map((one) => Math.max(one, 0)),
      ),
    ).toBe('unclear');
  });

  it('are found in the table', () => {
    const found = triage({
      reference: table({ load: amounts(1, 90).map(Math.round) }),
      current: table({ load: upTo(amounts(2, 90).map(Math.round), 127) }),
      history: [],
      ignore: [],
    });
    expect(found.unclear.map((one) => one.code)).toEqual(['clipped']);
    expect(found.bugs).toEqual([]);
  });

  it.each([
    ['as before', amounts(2)],
    ['left out, and not set to it', amounts(2).filter((one) => one < 10_000)],
    ['set to it, but the others have moved', upTo(amounts(2, 6000), 9999.99)],
    ['only very few', upTo(amounts(2), 40_000)],
  ])('%s: nothing', (_, is) => {
    expect(says(amounts(1), is)).toBe('nothing');
  });

  it('are usual where the reference, or an earlier window, had the limit', () => {
    const now = upTo(amounts(2), 9999.99);
    expect(says(upTo(amounts(1), 9999.99), now)).toBe('nothing');
    expect(testClipped(pair('amount', amounts(1), now, { past: [column('amount', now)] }))).toBeUndefined();
    expect(testClipped(pair('amount', amounts(1), now, { past: [column('amount', amounts(3))] }))?.code).toBe(
      'clipped',
    );
  });

  it('are drift in prices and charges, which a law or a seller may cap', () => {
    for (const name of ['price', 'rent', 'shipping_fee'])
      expect(testClipped(pair(name, amounts(1), upTo(amounts(2), 9999.99)))).toBeUndefined();
  });

  it('are not said of a list of codes', () => {
    const marks = (seed: number): number[] => amounts(seed, 3).map((one) => Math.min(Math.round(one), 15));
    expect(says(marks(1), upTo(marks(2), 4))).toBe('nothing');
  });
});
