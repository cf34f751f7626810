const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** Values as one line of block characters, oldest first, with a gap where a value is missing. */
export function sparkline(values: readonly (number | undefined)[]): string {
  const known = values.filter((value) => value !== undefined);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return values
    .map((value) => {
      if (value === undefined) return ' ';
      const share = high === low ? 0.5 : (value - low) / (high - low);
      return BARS[Math.min(BARS.length - 1, Math.floor(share * BARS.length))];
    })
    .join('');
}

const ASCII_BARS = '_.-:=+*#';

/** Block characters of a text as ASCII of the same order, for a locale that has no others. */
export const asciiBars = (text: string): string =>
  text.replace(/[▁-█]/g, (bar) => ASCII_BARS[BARS.indexOf(bar)] ?? bar);
