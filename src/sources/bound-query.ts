import type { SourceQuery } from '../domain/pipeline/remote-source.js';
import type { SourceSpan } from '../domain/ports/sources.js';
import { type Instant, toIso } from '../domain/support/time.js';

export type BoundValue = string | number | boolean | null;

export interface Statement {
  readonly text: string;
  readonly values: readonly BoundValue[];
}

/** The statement with placeholders, and the values for them. `mark` writes the n-th placeholder, counted from 1. */
export function bindQuery(
  query: SourceQuery,
  span: SourceSpan,
  { mark, time = toIso }: { readonly mark: (n: number) => string; readonly time?: (at: Instant) => BoundValue },
): Statement {
  const values: BoundValue[] = [];
  const text = query.map((part) => {
    if (typeof part === 'string') return part;
    if (part.bind === 'param') values.push(part.value);
    else values.push(time(part.bind === 'window-from' ? span.from : span.until));
    return mark(values.length);
  });
  // A semicolon or a comment at the end would break the statement that counts the rows.
  return { text: text.join('').replace(/[\s;]+$/, ''), values };
}

/** Counts the rows of a statement, and finds the largest value of the column that shows changes. */
export const probeText = (text: string, updated: string | undefined, cast: string): string =>
  `select count(*) as n${updated === undefined ? '' : `, ${cast.replace('?', updated)} as u`} from (${text}\n) as refit_rows`;

/** The first name that two columns share. */
export function sharedName(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name.toLowerCase()).size);
}
