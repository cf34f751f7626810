import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addressOf } from '../../src/interop/mlflow/addresses.js';
import { createNamer, cut, LIMITS, pieces, validName } from '../../src/interop/mlflow/names.js';
import { createPlainNamer } from '../../src/interop/mlflow/plain-names.js';
import type { StoredPoint } from '../../src/interop/mlflow/row-forms.js';
import { paramOf, pointsOf } from '../../src/interop/mlflow/values.js';

it('turns every name into a valid one, and never two names into the same one', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { maxLength: 6 }), (names) => {
      const namer = createNamer();
      const given = names.map(namer.nameOf);
      expect(new Set(given).size).toBe(new Set(names).size);
      for (const name of given) {
        expect(name).toMatch(/^[/\p{L}\p{N}_. -]+$/u);
        expect(name.length).toBeLessThanOrEqual(LIMITS.name);
        expect(name.split('/').some((part) => ['', '.', '../unit'].includes(part))).toBe(false);
      }
    }),
    { numRuns: 30 },
  );
  expect(['auc', 'train/loss', 'größe', 'a@b', '../x', 'a//b', ''].map(validName)).toEqual([
    'auc',
    'train/loss',
    'größe',
    'a_b',
    '_/x',
    'a/_/b',
    '_',
  ]);
});

it('splits text without breaking a character, and loses nothing', () => {
  expect(cut('a😀', 2)).toBe('a');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 9 }), (text, length) => {
      const all = pieces(text, length);
      expect(all.join('')).toBe(text);
      for (const piece of all) expect(piece.length).toBeLessThanOrEqual(length);
    }),
  );
});

it.each([
  ['40', 40],
  ['-0.5', -0.5],
  ['1e-05', 0.00001],
  ['1.0', 1],
  ['True', true],
  ['false', false],
  ['007', '007'],
  ['1_000', '1_000'],
  ['0x1f', '0x1f'],
  ['nan', 'nan'],
  ['1e999', '1e999'],
  ['12345678901234567890', '12345678901234567890'],
  ['0.1234567890123456789', '0.1234567890123456789'],
  ['', ''],
  ['None', 'None'],
])('reads the param %s', (text, value) => expect(paramOf(text)).toBe(value));

const row = (value: number, step: number, timestamp = step): StoredPoint => ({
  key: 'm',
  value,
  step,
  timestamp,
  is_nan: 0,
});

it('makes a series of the values that fit, and reports the rest', () => {
  const of = (...rows: readonly StoredPoint[]) => pointsOf(rows);
  expect(of(row(7, 0))).toEqual({ points: [{ key: 'm', value: 7 }], notes: {}, ended: {} });
  expect(of(row(7, 3)).points).toEqual([{ key: 'm', value: 7, step: 3 }]);
  expect(of(row(1, 1), row(2, 2, 1), row(3, 2, 2))).toEqual({
    points: [
      { key: 'm', step: 1, value: 1 },
      { key: 'm', step: 2, value: 3 },
    ],
    notes: { m: '1 values had a later one of the same step' },
    ended: {},
  });
  // refit has no negative steps.
  expect(of(row(1, -2), row(2, 5)).points.map((point) => point.step)).toEqual([0, 1]);
  const unusable = of({ ...row(0, 1), is_nan: 1 }, row(-Number.MAX_VALUE, 2));
  expect(unusable).toEqual({
    points: [],
    notes: { m: 'NaN at step 1; -infinity at step 2' },
    ended: { m: '-infinity' },
  });
});

it.each([
  ['file:///srv/mlruns/1/a/artifacts', ['/srv/mlruns/1/a/artifacts', '/db/mlruns/1/a/artifacts']],
  ['/srv/a%20b', ['/srv/a%20b']],
  ['file:///srv/a%20b', ['/srv/a b']],
  ['./mlruns/1/a', ['/db/mlruns/1/a']],
  ['mlflow-artifacts:/1/a/artifacts', ['/db/mlartifacts/1/a/artifacts']],
  ['mlflow-artifacts://host:5000/1/a', ['/db/mlartifacts/1/a']],
  ['mlflow-artifacts:/../../etc', []],
  ['s3://bucket/a', []],
  ['dbfs:/a', []],
  ['', []],
])('looks for %s', (uri, places) => expect(addressOf(uri, '/db')).toEqual({ uri, places }));

it('gives each name a unique plain name', () => {
  const namer = createPlainNamer('the experiment');
  expect(['Churn (old)', 'Churn -old-', '/Users/ann/x', '中'].map(namer.nameOf)).toEqual([
    'Churn-old-',
    'Churn--old-',
    'Users-ann-x',
    'unnamed',
  ]);
  expect(namer.nameOf('Churn -old-')).toBe('Churn--old-');
  expect(namer.notes()[0]).toBe('the experiment "Churn (old)" is called Churn-old- here');
});
