import { messageOf } from '../domain/support/system-error.js';

/** Why a server cannot be reached, in words. Node reports the attempts for several addresses as one error without a message. */
export function networkReason(error: unknown): string {
  const inner = error instanceof AggregateError ? error.errors.find((one) => one instanceof Error) : undefined;
  const code = codeOf(inner ?? error);
  const message = messageOf(error);
  return WORDS[code] ?? (message === '' ? (inner?.message ?? code) : message);
}

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (ECONNREFUSED)',
  ENOTFOUND: 'its name is unknown (ENOTFOUND)',
  EAI_AGAIN: 'its name could not be looked up (EAI_AGAIN)',
  ETIMEDOUT: 'it did not answer (ETIMEDOUT)',
  EHOSTUNREACH: 'no network leads there (EHOSTUNREACH)',
  ENETUNREACH: 'no network leads there (ENETUNREACH)',
  ENOENT: 'its socket does not exist (ENOENT)',
  ECONNRESET: 'the connection was closed (ECONNRESET)',
};
