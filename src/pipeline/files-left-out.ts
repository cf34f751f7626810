import { isTable } from '../domain/data/foreign-format.js';
import type { Diagnostic } from '../domain/pipeline/diagnostic.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { baseName } from '../domain/support/paths.js';
import { linesOf } from './parse/source/bundle.js';

/** Names of files that a warning lists. */
const LISTED = 5;

/** Files in the folder of a dataset whose names do not end like those of tables, so that nothing reads them. */
export async function filesLeftOut(
  { files }: Pick<Services, 'files'>,
  { datasets, text }: Pick<Pipeline, 'datasets' | 'text'>,
): Promise<readonly Diagnostic[]> {
  const lineOf = linesOf(text);
  const found: Diagnostic[] = [];
  for (const { name, at, source, remote, isMade } of datasets) {
    if (source.kind !== 'paths' || remote !== undefined || isMade) continue;
    for (const folder of source.patterns) {
      if ((await files.stat(folder))?.kind !== 'folder') continue;
      const all = await files.glob([`${folder}/**/*`]);
      const tables = new Set(all.filter(isTable));
      const others = all.filter((file) => !tables.has(file) && !isBeside(file, tables));
      if (others.length === 0) continue;
      const names = others.slice(0, LISTED).join(', ');
      found.push({
        severity: 'warning',
        code: 'files-left-out',
        message: `dataset "${name}" leaves out ${others.length} file${others.length === 1 ? '' : 's'} of the folder ${folder}: ${names}${others.length > LISTED ? ', …' : ''}`,
        at,
        sourceLine: lineOf(at),
        suggestion: `tables end with .parquet, .csv, .tsv, .json or .jsonl, and text may be packed as .gz or .zst; name the files with a glob, as in ${folder}/*.csv, if the others are no data`,
      });
    }
  }
  return found;
}

/** What tells something about tables: notes, marks of other tools (`_SUCCESS`), and a DVC pointer beside its file. */
function isBeside(file: string, tables: ReadonlySet<string>): boolean {
  const name = baseName(file);
  return (
    /^[._]/.test(name) ||
    /\.md$/i.test(name) ||
    /^(readme|license)/i.test(name) ||
    tables.has(file.replace(/\.dvc$/, ''))
  );
}
