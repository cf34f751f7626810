import type { Failure } from '../domain/failure.js';
import { overlayChecks } from '../domain/pipeline/checks.js';
import type { DataChecks } from '../domain/pipeline/data-checks.js';
import type { Diagnostic } from '../domain/pipeline/diagnostic.js';
import type { Dataset } from '../domain/pipeline/pipeline.js';
import type { Files } from '../domain/ports/platform.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { checkSql } from './check-sql.js';
import type { ParsedSchema } from './parse/sections/schema-file.js';

/** Parses a schema file's text once, because loading the parsers takes longer than most commands. */
async function parseSchemaOnce(services: Pick<Services, 'memo'>, file: string, text: string): Promise<ParsedSchema> {
  const key = JSON.stringify(['schema', file, text]);
  const kept = services.memo.read(file, key) as ParsedSchema | undefined;
  if (kept !== undefined) return kept;
  const { parseSchema } = await import('./parse/sections/schema-file.js');
  const parsed = parseSchema(file, text);
  services.memo.write(file, key, parsed);
  return parsed;
}

/**
 * Applies the checks that a dataset declares over those of its schema file. `checkFiles` reports a schema file that is missing or
 * lies outside the workspace; one that is there and cannot be read is the failure.
 */
export async function withSchemas(
  services: Pick<Services, 'files' | 'memo' | 'datasets'>,
  datasets: readonly Dataset[],
): Promise<Result<{ readonly datasets: readonly Dataset[]; readonly diagnostics: readonly Diagnostic[] }, Failure>> {
  const diagnostics: Diagnostic[] = [];
  const laid: Dataset[] = [];
  for (const dataset of datasets) {
    const { schema } = dataset.checks;
    const text = schema === undefined ? undefined : await services.files.readConfig(schema);
    const isOutside = text?.ok === false && text.error.code === 'data-outside-workspace';
    if (schema !== undefined && text?.ok === false && !isOutside && (await services.files.stat(schema)) !== undefined)
      return text;
    if (schema === undefined || text === undefined || !text.ok) {
      laid.push(dataset);
      continue;
    }
    const parsed = await parseSchemaOnce(services, schema, text.value);
    diagnostics.push(...parsed.diagnostics, ...(await checkSql(services, schema, { ...parsed, text: text.value })));
    if (parsed.checks === undefined) {
      laid.push(dataset);
      continue;
    }
    const checks = overlayChecks(parsed.checks, dataset.checks);
    laid.push({ ...dataset, checks: { ...checks, schema, schemaText: text.value } });
  }
  return ok({ datasets: laid, diagnostics });
}

/**
 * Reads a schema file named on the command line, anywhere in the file system. `shown`: the path as the user gave it.
 */
export async function readSchema(
  services: Pick<Services, 'datasets' | 'memo'>,
  folder: Files,
  name: string,
  shown: string,
): Promise<Result<{ readonly checks: DataChecks; readonly text: string }, Failure>> {
  const text = await folder.readText(name);
  if (!text.ok) return text;
  const { parseSchema } = await import('./parse/sections/schema-file.js');
  const { checks, sql, ...parsed } = parseSchema(shown, text.value);
  const diagnostics = [...parsed.diagnostics, ...(await checkSql(services, shown, { sql, text: text.value }))];
  return checks === undefined || diagnostics.some((one) => one.severity === 'error')
    ? err({ code: 'invalid-pipeline', diagnostics })
    : ok({ checks, text: text.value });
}
