import type { Failure } from '../domain/failure.js';
import type { SourceUrl } from '../domain/pipeline/remote-source.js';
import { err, ok, type Result } from '../domain/support/result.js';

export type Env = Readonly<Record<string, string | undefined>>;

/** The URL of a source, from the file or from the variable that it names. The failure never shows it. */
export function readUrl(source: string, url: SourceUrl, env: Env, schemes: RegExp): Result<string, Failure> {
  const variable = typeof url === 'string' ? undefined : url.from;
  const text = typeof url === 'string' ? url : env[url.from];
  const problem = text === undefined || text === '' ? 'unset' : 'malformed';
  if (text !== undefined && schemes.test(text) && isUrl(text)) return ok(text);
  return err({ code: 'source-url-invalid', source, variable, problem });
}

/** `postgres://user@/db?host=/run/postgresql` has no host, which the URL parser of Node takes for these schemes too. */
function isUrl(text: string): boolean {
  return URL.canParse(text) || URL.canParse(text.replace(/@\//, '@localhost/'));
}
