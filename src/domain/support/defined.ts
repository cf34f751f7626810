/** The fields that have a value: what is laid over others must not erase them with `undefined`. */
export const definedOf = <T extends object>(given: T): T =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T;
