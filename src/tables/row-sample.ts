import { seededRandom } from '../statistics/random.js';

/**
 * Draws one row at random from each of `wanted` equal stretches of `rows` rows. The seed is fixed, so the same rows give the
 * same sample. Sorted rows are covered more evenly than by drawing from all of them.
 */
export function createRowSample(rows: number, wanted: number): { readonly next: (rows: number) => readonly number[] } {
  const random = seededRandom(42);
  const begin = (stretch: number): number => Math.floor((stretch * Math.max(rows, wanted)) / wanted);
  const draw = (stretch: number): number =>
    begin(stretch) + Math.floor(random() * (begin(stretch + 1) - begin(stretch)));
  let [stretch, passed, drawn] = [0, 0, draw(0)];
  return {
    /** The places of sampled rows among the next `count` rows. */
    next: (count) => {
      const found: number[] = [];
      while (stretch < wanted && drawn < passed + count) {
        found.push(drawn - passed);
        stretch++;
        drawn = draw(stretch);
      }
      passed += count;
      return found;
    },
  };
}
