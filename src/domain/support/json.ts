/** A JSON value. Numbers are finite. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** Whether a value of unknown origin, such as parsed JSON or YAML, is a map of names to values. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Entries that are undefined are omitted when written. */
export type JsonObject = { readonly [key: string]: Json | undefined };
