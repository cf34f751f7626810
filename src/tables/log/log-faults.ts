import { basename } from 'node:path';
import type { BrokenRowAt, ReadFault } from '../../domain/data/read-fault.js';
import type { LogCounts } from '../../domain/ports/prediction-log.js';
import { brokenLinesOf } from '../text/json-lines.js';
import type { ToRead } from './log-files.js';

export type Broken = NonNullable<LogCounts['broken']>;

/** Adds up the broken lines of earlier and new files. The first one stays the first. */
export const sumBroken = (before: Broken | undefined, more: Broken | undefined): Broken | undefined =>
  before === undefined || more === undefined ? (before ?? more) : { ...before, rows: before.rows + more.rows };

/**
 * The lines of log files that are no rows. The first one has its place in the file itself, even if a copy was read.
 * JSON lines are searched for broken ones only if some rows came without any value.
 */
export async function brokenIn(
  read: readonly ToRead[],
  faults: readonly ReadFault[],
  hasBareRows: boolean,
): Promise<Broken | undefined> {
  let rows = 0;
  const first: BrokenRowAt[] = [];
  for (const fault of faults) {
    if (fault.kind !== 'broken-rows') continue;
    rows += fault.rows;
    first.push(...fault.first.slice(0, 1).map((row) => inLog(row, read)));
  }
  if (hasBareRows)
    for (const file of read) {
      const found = await brokenLinesOf({ path: file.path, original: file.path, shown: file.path, isCopy: false });
      if (!found.ok) continue;
      rows += found.value.count;
      first.push(...found.value.first.slice(0, 1).map((row) => inLog(row, read)));
    }
  const [one] = first;
  return one === undefined ? undefined : { rows, first: one };
}

function inLog(row: BrokenRowAt, read: readonly ToRead[]): BrokenRowAt {
  const file = read.find(({ path }) => basename(path) === basename(row.file));
  return file === undefined ? row : { ...row, file: basename(file.source.path), line: row.line + file.linesBefore() };
}
