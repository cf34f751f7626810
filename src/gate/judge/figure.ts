/** A figure as people read it: four digits after the point for small ones. */
export const figure = (value: number): string =>
  Math.abs(value) >= 1000 ? String(Math.round(value)) : String(Number(value.toFixed(4)));

/** With its sign. */
export const signed = (value: number): string => `${value < 0 ? '−' : '+'}${figure(Math.abs(value))}`;
