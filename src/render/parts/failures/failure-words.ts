import type { Failure } from '../../../domain/failure.js';
import { nearMiss } from '../../../domain/support/near-miss.js';

export interface FailureText {
  /** What happened, and where. */
  readonly what: string;
  /** Lines that show where: the end of a log, the lines to add to a file. */
  readonly lines?: readonly string[];
  /** What to do next. */
  readonly next: string;
}

/** One text for each failure code. A code without a text is a type error. */
export type TextsOf = {
  readonly [Code in Failure['code']]: (failure: Extract<Failure, { readonly code: Code }>) => FailureText;
};

/** What to write where a name is no column: the near miss, and the columns that there are. */
export function columnAdvice({
  name,
  namedBy,
  available,
}: {
  readonly name: string;
  readonly namedBy: string;
  readonly available: readonly string[];
}): string {
  const near = nearMiss(name, available);
  const line = `${namedBy}${namedBy.startsWith('--') ? '' : ':'}`;
  const meant = near === undefined ? '' : `did you mean "${near}"? write ${line} ${near}; `;
  return `${meant}there are: ${listOf(available)}`;
}

/** Up to twelve names, separated by commas. */
export const listOf = (names: readonly string[]): string =>
  names.length === 0 ? 'none' : names.slice(0, 12).join(', ');
