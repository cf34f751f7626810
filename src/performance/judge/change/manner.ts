import { countBefore, type MannerRows, type Moving } from './labelled-rows.js';
import { calibrationManner } from './manner-of-bits.js';
import { residualManner } from './manner-of-numbers.js';

/** Fewer rows on either side give no answer. */
const FEWEST_ROWS = 100;

/**
 * How a slow change proceeds (Gama et al. 2014): `gradual` if two worlds alternate and the share of the new one grows,
 * `incremental` if one world moves steadily. Half way, similar rows come out either as a mixture of both worlds or as
 * something in between. The more likely one is returned; `undefined` with too few rows.
 */
export function mannerOf(rows: MannerRows, { start, end }: Moving): 'gradual' | 'incremental' | undefined {
  const last = rows.time.at(-1) ?? start;
  const moving = { start, end: Math.min(end, last + 1) };
  const [from, to] = [countBefore(rows.time, start), countBefore(rows.time, moving.end)];
  if (from < FEWEST_ROWS || to - from < FEWEST_ROWS) return undefined;
  const isBits = rows.label.every((y) => y === 0 || y === 1);
  const gain = isBits ? calibrationManner(rows, moving) : residualManner(rows, moving);
  return gain > 0 ? 'gradual' : 'incremental';
}
