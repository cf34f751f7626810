import type { JsonObject } from './support/json.js';

export type Tone = 'plain' | 'strong' | 'dim' | 'good' | 'warn' | 'bad';

/** A piece of text with its meaning; how a meaning looks is the renderer's business. */
export type Span = string | { readonly text: string; readonly tone: Tone };
export type Line = readonly Span[];

export type ViewPart =
  | { readonly kind: 'line'; readonly line: Line }
  | { readonly kind: 'heading'; readonly text: string }
  /** Label and value, the labels aligned. */
  | { readonly kind: 'fields'; readonly rows: readonly (readonly [string, Line])[] }
  | { readonly kind: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly Span[])[] }
  /** Text as it is: a log, a file. */
  | { readonly kind: 'text'; readonly lines: readonly string[] };

/** What a command has to say: its JSON document (without the fields every document has), and the same for people. */
export interface View {
  readonly json: JsonObject;
  readonly parts: readonly ViewPart[];
}
