import type { Failure } from '../../domain/failure.js';
import type { Diagnostic } from '../../domain/pipeline/diagnostic.js';
import type { JsonObject } from '../../domain/support/json.js';
import { failureText } from './failure-text.js';
import { printableJson } from './printable.js';

const SCHEMA_VERSION = 1;

/** What a command that has no answer says about it. */
export interface ErrorFields {
  /** Stable kebab-case code for scripts. */
  readonly code: string;
  readonly message: string;
  /** The place in a file, or the path; `null` if the problem has none. */
  readonly where: string | null;
  readonly next: string | null;
}

/** A whole document: one for each command, also for one that fails. */
export const documentText = (command: string | null, fields: JsonObject): string =>
  `${JSON.stringify({ schema_version: SCHEMA_VERSION, command, ...fields }, null, 2)}\n`;

/** The document of a command that failed before it could begin, printable. */
export const errorDocument = (command: string | null, { code, message, where, next }: ErrorFields): string =>
  printableJson(documentText(command, { error: { code, message, where, next, lines: [], diagnostics: [] } }));

/** The fields of the document of a command that failed. */
export function failureFields(failure: Failure): JsonObject {
  const { what, lines, next } = failureText(failure);
  const diagnostics = 'diagnostics' in failure ? failure.diagnostics : [];
  const [first] = diagnostics;
  return {
    error: {
      code: failure.code,
      message: first === undefined ? what : first.message,
      where: first === undefined ? whereOf(failure) : placeOf(first),
      next,
      lines: [...(lines ?? [])],
      diagnostics: diagnostics.map((one) => ({
        severity: one.severity,
        code: one.code,
        message: one.message,
        where: placeOf(one),
        suggestion: one.suggestion ?? null,
      })),
    },
  };
}

const placeOf = ({ at }: Diagnostic): string => `${at.file}:${at.line}:${at.col}`;

/** Facts that name a place, the most exact one first. */
const PLACES = ['path', 'file', 'logPath', 'searchedFrom', 'step', 'pipeline'] as const;

function whereOf(failure: Failure): string | null {
  const facts: Readonly<Record<string, unknown>> = { ...failure };
  const place = PLACES.map((name) => facts[name]).find((value) => typeof value === 'string');
  return typeof place === 'string' ? place : null;
}
