import { createRequire } from 'node:module';
import { sep } from 'node:path';
import { systemCode } from '../../domain/support/system-error.js';

/** What better-sqlite3 says when its compiled part is missing. */
const MISSING = /^(Could not locate the bindings file|Cannot find module 'better-sqlite3\/)/;

/**
 * Why the compiled part of better-sqlite3 cannot be loaded, and what to run: after an upgrade of Node, or an installation
 * without install scripts. `undefined` for any other error.
 */
export function bindingProblem(error: unknown): { readonly reason: string; readonly next: string } | undefined {
  if (!(error instanceof Error)) return undefined;
  const isMissing = MISSING.test(error.message);
  if (!isMissing && systemCode(error) !== 'ERR_DLOPEN_FAILED') return undefined;
  const reason = isMissing
    ? 'better-sqlite3 was installed without its compiled part'
    : `better-sqlite3 was built for another version of Node.js than ${process.version}`;
  const isOther = !isMissing && !error.message.includes('NODE_MODULE_VERSION');
  return {
    reason: isOther ? `better-sqlite3 cannot be loaded: ${error.message.split('\n')[0]}` : reason,
    next: `run: cd ${installFolder()} && npm rebuild better-sqlite3`,
  };
}

/** The folder whose node_modules hold better-sqlite3. */
function installFolder(): string {
  const path = createRequire(import.meta.url).resolve('better-sqlite3/package.json');
  return path.slice(0, path.lastIndexOf(`${sep}node_modules${sep}`));
}
