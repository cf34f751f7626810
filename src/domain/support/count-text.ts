/** `12,345`, and `about 12,300` for an estimate, which is good to about three digits. */
export const countText = (count: number, isEstimate = false): string =>
  isEstimate ? `about ${grouped(Number(Math.round(count).toPrecision(3)))}` : grouped(count);

const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');
