import { countBefore, type MannerRows, type Moving } from './labelled-rows.js';
import { calibrationManner } from './manner-of-bits.js';
import { residualManner } from './manner-of-numbers.js';

/** Fewer rows on either side say nothing. */
const FEWEST_ROWS = 100;

/**
 * Tells how a slow change goes on: `gradual` where two worlds alternate and the share of the new one grows, `incremental`
 * where one world moves steadily (Gama et al. 2014). Both predict how alike rows come out half way: as a mixture of what
 * they were and became, or as something in between. The likelier one is named; `undefined` with too few rows.
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
