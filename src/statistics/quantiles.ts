type Numbers = readonly number[] | Float64Array;

/** The median: the middle value, or the mean of the two middle values. `undefined` without values. */
export function median(values: Numbers): number | undefined {
  const sorted = ascending(values);
  const [low, high] = [sorted[lowMiddle(sorted)], sorted[highMiddle(sorted)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/** The middle value, or the lower of the two middle values: always one of the values. `undefined` without values. */
export const medianLow = (values: Numbers): number | undefined => ascending(values)[lowMiddle(values)];

/** The middle value, or the higher of the two middle values: always one of the values. `undefined` without values. */
export const medianHigh = (values: Numbers): number | undefined => ascending(values)[highMiddle(values)];

/**
 * The quantile of sorted values at a rank from 0 (the least) to 1 (the greatest), linear between its neighbours: type 7 of
 * Hyndman and Fan (1996). NaN without values.
 */
export function quantile(sorted: Numbers, rank: number): number {
  const place = rank * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)] ?? Number.NaN, sorted[Math.ceil(place)] ?? Number.NaN];
  return below === above ? below : below + (above - below) * (place - Math.floor(place));
}

const ascending = (values: Numbers): Float64Array => Float64Array.from(values).sort();

const lowMiddle = ({ length }: Numbers): number => Math.floor((length - 1) / 2);

const highMiddle = ({ length }: Numbers): number => Math.floor(length / 2);
