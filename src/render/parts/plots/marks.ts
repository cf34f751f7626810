/** The characters of charts: block and braille characters, or ASCII where the locale has no others. */
export interface Marks {
  readonly isUnicode: boolean;
  /** Left border of a row with a label, of one without, and the corner below them. */
  readonly tick: string;
  readonly border: string;
  readonly corner: string;
  readonly floor: string;
  readonly point: string;
  readonly level: string;
  /** Upper end, middle and lower end of an interval. */
  readonly interval: readonly [string, string, string];
  /** Legend entries of the two windows. */
  readonly reference: string;
  readonly current: string;
  readonly line: string;
}

const UNICODE: Marks = {
  isUnicode: true,
  tick: '┤',
  border: '│',
  corner: '└',
  floor: '─',
  point: '●',
  level: '╌',
  interval: ['┬', '│', '┴'],
  reference: '█',
  current: '⣿',
  line: '⠒⠒',
};

const ASCII: Marks = {
  isUnicode: false,
  tick: '+',
  border: '|',
  corner: '+',
  floor: '-',
  point: 'o',
  level: '~',
  interval: ['T', '|', 'I'],
  reference: ':',
  current: '#',
  line: '..',
};

export const marksOf = (isUnicode: boolean): Marks => (isUnicode ? UNICODE : ASCII);
