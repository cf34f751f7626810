import type { Failure } from '../../domain/failure.js';
import { dataFailures } from './failures/data-failures.js';
import type { FailureText, TextsOf } from './failures/failure-words.js';
import { modelFailures } from './failures/model-failures.js';
import { requestFailures } from './failures/request-failures.js';
import { sourceFailures } from './failures/source-failures.js';
import { stepFailures } from './failures/step-failures.js';
import { systemFailures } from './failures/system-failures.js';
import { printable, printableLines, withoutTerminalCodes } from './printable.js';

/** The table of all texts, complete by its type. */
const TEXTS: TextsOf = {
  ...requestFailures,
  ...stepFailures,
  ...dataFailures,
  ...sourceFailures,
  ...modelFailures,
  ...systemFailures,
};

/**
 * What happened, where, and what to do next. Failures are put into words only here. The text is printable; further lines of a
 * reason become lines of the text.
 */
export function failureText(failure: Failure): FailureText {
  const textOf: (failure: never) => FailureText = TEXTS[failure.code];
  // TypeScript does not relate the entry to the failure whose code chose it.
  const { what, lines, next } = textOf(failure as never);
  const [first = '', ...rest] = printableLines(what);
  const shown = [...rest, ...(lines ?? []).flatMap((line) => printableLines(withoutTerminalCodes(line)))];
  return { what: first, lines: lines === undefined && rest.length === 0 ? undefined : shown, next: printable(next) };
}
