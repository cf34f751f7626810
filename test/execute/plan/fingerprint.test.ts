import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareParts } from '../../../src/execute/plan/compare-parts.js';
import { fingerprintOf } from '../../../src/execute/plan/fingerprint.js';

const parts = fc.dictionary(fc.string({ minLength: 1 }), fc.string(), {
  minKeys: 1,
  maxKeys: 12,
  noNullPrototype: true,
});

it('does not depend on the order of its parts', () => {
  fc.assert(
    fc.property(parts, (one) => {
      const reversed = Object.fromEntries(Object.entries(one).reverse());
      expect(fingerprintOf(reversed)).toBe(fingerprintOf(one));
    }),
  );
});

it('changes with every part, and the comparison names exactly those that changed', () => {
  fc.assert(
    fc.property(parts, fc.nat(), fc.string(), (one, pick, text) => {
      const keys = Object.keys(one);
      const key = keys[pick % keys.length] ?? '';
      const changed = { ...one, [key]: `${one[key] ?? ''}${text}!` };
      expect(fingerprintOf(changed)).not.toBe(fingerprintOf(one));
      expect(compareParts(one, changed)).toHaveLength(1);
      expect(compareParts(one, one)).toEqual([]);
    }),
  );
});
