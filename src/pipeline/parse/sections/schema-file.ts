import { stringify } from 'yaml';
import type { ColumnChecks, DataChecks } from '../../../domain/pipeline/data-checks.js';
import type { Diagnostic } from '../../../domain/pipeline/diagnostic.js';
import { createReporter, type PlacedSql } from '../collect-diagnostics.js';
import { schemaFile } from '../schema/data.js';
import { checkShape } from '../shape-diagnostics.js';
import { readSource } from '../source/yaml-source.js';
import { buildChecks } from './data-checks.js';

export interface ParsedSchema {
  /** Absent when there are errors. */
  readonly checks?: DataChecks;
  readonly diagnostics: readonly Diagnostic[];
  readonly sql: readonly PlacedSql[];
}

/** Parses a schema file. Reports all faults of a file together, in the order of the file. */
export function parseSchema(file: string, text: string): ParsedSchema {
  const source = readSource(file, text);
  const report = createReporter(source);
  // An empty file has no checks.
  const value = source.value ?? (source.diagnostics.length === 0 ? {} : undefined);
  const shaped = value === undefined ? undefined : checkShape(value, schemaFile, report);
  const checks = shaped === undefined ? undefined : buildChecks(shaped.raw, [], report);
  const diagnostics = report.diagnostics();
  return checks === undefined || diagnostics.some((one) => one.severity === 'error')
    ? { diagnostics, sql: report.sqlTexts() }
    : { checks, diagnostics, sql: report.sqlTexts() };
}

/** The text of a schema file with these checks. `comment` comes first. */
export function printSchema(checks: DataChecks, comment: string): string {
  const raw = {
    rows: checks.rows,
    columns: Object.fromEntries(Object.entries(checks.columns).map(([name, one]) => [name, printColumn(one)])),
    ...(checks.otherColumns === 'allow' ? {} : { other_columns: checks.otherColumns }),
    ...(checks.unique.length === 0 ? {} : { unique: checks.unique }),
    ...(checks.rules.length === 0 ? {} : { rules: checks.rules }),
  };
  const head = comment
    .split('\n')
    .map((line) => `# ${line}\n`)
    .join('');
  return `${head}${stringify(raw, { lineWidth: 0, aliasDuplicateObjects: false, collectionStyle: 'any' })}`;
}

const printColumn = ({ maxMissing, ...column }: ColumnChecks) => ({
  ...column,
  max_missing: maxMissing,
});
