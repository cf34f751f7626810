/** What JSON can say; a number is finite. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** An entry that is undefined does not appear in the written document. */
export type JsonObject = { readonly [key: string]: Json | undefined };
