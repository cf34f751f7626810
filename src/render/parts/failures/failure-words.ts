import type { Failure } from '../../../domain/failure.js';

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

/** Up to twelve names, separated by commas. */
export const listOf = (names: readonly string[]): string =>
  names.length === 0 ? 'none' : names.slice(0, 12).join(', ');
