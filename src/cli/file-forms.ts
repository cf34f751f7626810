import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from './action.js';

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

/** Parser of a `<model@version>`. A bare model is refused: it would mean the version that serves already. */
export const versionArgument =
  (command: string) =>
  (text: string): string => {
    if (!/^[^@]+$/.test(text)) return text;
    throw new UsageError(
      `${command} ${text}: no version is given`,
      `write refit ${command} ${text}@<version> --reason "why"; refit models ${text} lists the versions`,
    );
  };

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

/** Refuses options that name something of files where a pipeline is checked, whose file says it: they would count for nothing. */
export function refuseFileOptions(command: string, options: object, instead: Readonly<Record<string, string>>): void {
  const given = Object.keys(instead).find((name) => options[name as keyof typeof options] !== undefined);
  if (given === undefined) return;
  throw new UsageError(
    `${command}: --${given} is for files, and a pipeline is checked as its file says`,
    `write ${instead[given]} in the pipeline file, and leave --${given} out`,
  );
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
