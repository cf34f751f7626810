import type { Plot } from './plot.js';
import type { JsonObject } from './support/json.js';

export type Tone = 'plain' | 'strong' | 'dim' | 'good' | 'warn' | 'bad';

/** A piece of text with its meaning. The renderer chooses how to show it. */
export type Span = string | { readonly text: string; readonly tone: Tone };
export type Line = readonly Span[];

export type ViewPart =
  | { readonly kind: 'line'; readonly line: Line }
  | { readonly kind: 'heading'; readonly text: string }
  /** Labels and values, with the labels aligned. */
  | { readonly kind: 'fields'; readonly rows: readonly (readonly [string, Line])[] }
  | { readonly kind: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly Span[])[] }
  /** A chart, drawn by the renderer. */
  | { readonly kind: 'plot'; readonly plot: Plot }
  /** Verbatim text: a log, a file. */
  | { readonly kind: 'text'; readonly lines: readonly string[] };

/** Values in order, oldest first. Drawn where pictures are shown; the text beside it has the same facts. */
export interface LineChart {
  readonly title: string;
  readonly labels: readonly string[];
  readonly values: readonly number[];
}

/** The answer of a command: its JSON document (without the fields common to all documents), and the same for people. */
export interface View {
  readonly json: JsonObject;
  readonly parts: readonly ViewPart[];
  readonly charts?: readonly LineChart[];
}
