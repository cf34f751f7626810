/** The fields that have a value, so that merging them does not overwrite others with `undefined`. */
export const definedOf = <T extends object>(given: T): T =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T;
