import type { Diagnostic } from '../../domain/pipeline/diagnostic.js';
import { nearMiss } from '../../domain/support/near-miss.js';
import type { ExpectedFile } from './expected-files.js';
import { unsupportedSign } from './glob-limits.js';
import type { ParsedPipeline } from './parse-pipeline.js';
import { linesOf } from './source/bundle.js';

export interface FoundFiles {
  /** The patterns that match at least one file or folder. */
  readonly present: ReadonlySet<string>;
  /** Paths that lead out of the workspace and of its roots, with the places where they lead. */
  readonly outside: ReadonlyMap<string, string>;
}

/** Diagnostics for expected files without a match, and for those that may not be read. */
export function checkFiles(
  { expected, outputs }: Pick<ParsedPipeline, 'expected' | 'outputs'>,
  { present, outside }: FoundFiles,
  text: string,
): readonly Diagnostic[] {
  const faulty = expected.filter(({ pattern }) => !present.has(pattern) || outside.has(pattern));
  if (faulty.length === 0) return [];
  const lineOf = linesOf(text);
  return faulty.map((one) => {
    const leadsTo = outside.get(one.pattern);
    const fault = leadsTo === undefined ? whyAbsent(one, outputs) : whyOutside(one, leadsTo);
    return { ...fault, sourceLine: lineOf(one.missing.at) };
  });
}

function whyAbsent({ pattern, missing }: ExpectedFile, outputs: readonly string[]): Diagnostic {
  const sign = unsupportedSign(pattern);
  if (sign !== undefined) return { ...missing, suggestion: sign };
  const near = missing.severity === 'error' ? nearMiss(pattern, outputs) : undefined;
  return near === undefined ? missing : { ...missing, suggestion: `did you mean "${near}"?` };
}

const whyOutside = ({ pattern, missing }: ExpectedFile, leadsTo: string): Diagnostic => ({
  ...missing,
  severity: 'error',
  code: 'path-outside-workspace',
  message: `"${pattern}" leads to ${leadsTo}, outside the workspace`,
  suggestion: 'copy it into the workspace, or list its folder under "roots" in refit.yaml',
});
