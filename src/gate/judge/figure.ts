/** A figure as people read it: none after the point for large ones, four for usual ones, three in all for very small ones. */
export const figure = (value: number): string => {
  const size = Math.abs(value);
  if (size >= 1000) return String(Math.round(value));
  return String(size < 0.001 ? Number(value.toPrecision(3)) : Number(value.toFixed(4)));
};

/** With its sign. */
export const signed = (value: number): string => `${value < 0 ? '−' : '+'}${figure(Math.abs(value))}`;
