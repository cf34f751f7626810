import type { Failure } from '../../domain/failure.js';
import { failureText } from '../../render/parts/failure-text.js';

/** What happened, where, and what to do next, for a document that goes on without a result. */
export function failureLines(failure: Failure): readonly string[] {
  const { what, lines = [], next } = failureText(failure);
  return [what, ...lines, `→ ${next}`];
}
