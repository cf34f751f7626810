import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { foreignEnding } from '../domain/data/foreign-format.js';
import { UsageError } from './action.js';

/** Whether a name ends like a data file. Pipelines are named without an ending, or with `.yaml`. */
export const isDataFile = (name: string): boolean => /\.(csv|tsv|parquet|json|jsonl|ndjson)(\.gz|\.zst)?$/i.test(name);

/** Whether a name is that of data to read: also of a format that the reader refuses with the line that converts it. */
export const namesData = (name: string): boolean => isDataFile(name) || foreignEnding(name) !== undefined;

const SQLITE_MARK = 'SQLite format 3\0';

/** Whether a file is an SQLite database, by its first bytes. `false` for files that cannot be read. */
export function isDatabase(name: string): boolean {
  if (statSync(name, { throwIfNoEntry: false })?.isFile() !== true) return false;
  try {
    accessSync(name, constants.R_OK);
  } catch {
    return false;
  }
  const file = openSync(name, 'r');
  try {
    const head = Buffer.alloc(SQLITE_MARK.length);
    const length = readSync(file, head, 0, head.length, 0);
    return head.subarray(0, length).toString('latin1') === SQLITE_MARK;
  } finally {
    closeSync(file);
  }
}

/** Makes the path of a pipeline file absolute, from the folder refit was started in. A name stays as it is. */
export const pipelineArgument = (text: string): string => (/\.ya?ml$/i.test(text) ? resolve(text) : text);

/** Collects several pipeline arguments. */
export const pipelineArguments = (text: string, sofar: readonly string[] = []): readonly string[] => [
  ...sofar,
  pipelineArgument(text),
];

/** Splits `a,b` and repeated values into one list. */
export const collectNames = (text: string, sofar: readonly string[] = []): readonly string[] => [
  ...sofar,
  ...text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== ''),
];

/** Refuses files that do not exist. Glob patterns are checked by the reader. */
export function requireFiles(names: readonly string[]): void {
  const missing = names.filter((name) => !/[*?[{]/.test(name) && !existsSync(name));
  if (missing.length > 0)
    throw new UsageError(`there is no file ${missing.join(', ')}`, 'check the name; it counts from the current folder');
}

/** Refuses `--now` for files without a time column: only the event time tells which rows are later. */
export function requireTimeForNow(
  command: string,
  { now, time }: { readonly now?: unknown; readonly time?: string },
): void {
  if (now === undefined || time !== undefined) return;
  throw new UsageError(
    `${command}: --now hides later rows of files, and needs to know their event time`,
    'name the column with --time, or leave --now out',
  );
}
