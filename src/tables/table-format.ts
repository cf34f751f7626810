import { literal } from './quoted.js';

/** COPY's options for the format that a name's ending stands for; `undefined` for endings that cannot be written. */
export function formatSql(path: string): string | undefined {
  if (/\.parquet$/i.test(path)) return 'FORMAT parquet';
  const text = /\.(csv|tsv|json|jsonl|ndjson)(\.gz|\.zst)?$/i.exec(path);
  if (text === null) return undefined;
  const [, ending = '', packed = ''] = text.map((part) => part?.toLowerCase());
  const compression = packed === '' ? '' : `, COMPRESSION ${literal(packed === '.gz' ? 'gzip' : 'zstd')}`;
  if (ending === 'csv' || ending === 'tsv')
    return `FORMAT csv, HEADER${ending === 'tsv' ? ", DELIMITER '\t'" : ''}${compression}`;
  return `FORMAT json, ARRAY ${ending === 'json'}${compression}`;
}
