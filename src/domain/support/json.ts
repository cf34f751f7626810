/** A JSON value. Numbers are finite. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** Entries that are undefined are omitted when written. */
export type JsonObject = { readonly [key: string]: Json | undefined };
