import { seededRandom } from '../statistics/random.js';

/**
 * One row of each of `wanted` equal stretches of `rows` rows, drawn at random from it with a fixed seed: the same rows give
 * the same sample, and rows in an order are met more evenly than by drawing from all of them.
 */
export function createRowSample(rows: number, wanted: number): { readonly next: (rows: number) => readonly number[] } {
  const random = seededRandom(42);
  const begin = (stretch: number): number => Math.floor((stretch * Math.max(rows, wanted)) / wanted);
  const draw = (stretch: number): number =>
    begin(stretch) + Math.floor(random() * (begin(stretch + 1) - begin(stretch)));
  let [stretch, passed, drawn] = [0, 0, draw(0)];
  return {
    /** Which of the next so many rows are in the sample, counted from the first of them. */
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
