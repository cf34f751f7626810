import { type Estimate, normalEstimate } from '../../../statistics/estimate.js';

const BINS = 10;

/**
 * Expected calibration error (Naeini et al. 2015) over ten bins with equal numbers of rows: the mean distance between
 * predicted and observed rate. The part that noise alone adds to each bin's distance is subtracted (the mean of a
 * folded normal, sqrt(2/π)·se), so that few rows do not look badly calibrated. Never below 0. `undefined` with fewer
 * than ten rows per bin.
 */
export function calibrationError(label: Float64Array, score: Float64Array): Estimate | undefined {
  const rows = label.length;
  if (rows < 10 * BINS) return undefined;
  const order = Uint32Array.from(label.keys()).sort((i, j) => (score[i] ?? 0) - (score[j] ?? 0));
  let [value, variance] = [0, 0];
  for (let bin = 0; bin < BINS; bin++) {
    const members = order.subarray(Math.floor((bin * rows) / BINS), Math.floor(((bin + 1) * rows) / BINS));
    let [difference, spread] = [0, 0];
    for (const i of members) {
      const p = score[i] ?? 0;
      difference += (label[i] ?? 0) - p;
      spread += p * (1 - p);
    }
    const [share, noise] = [members.length / rows, Math.sqrt(Math.max(0, spread)) / members.length];
    const distance = Math.abs(difference / members.length);
    // Far from 0 the distance is not folded, and noise adds nothing.
    const added = distance > 2 * noise ? 0 : Math.sqrt(2 / Math.PI) * noise;
    value += share * (distance - added);
    variance += (share * noise) ** 2;
  }
  return normalEstimate(Math.max(0, value), Math.sqrt(variance), rows, [0, 1]);
}
