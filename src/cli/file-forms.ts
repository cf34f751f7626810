/** A name with a data file's ending; pipelines have names without one, or `.yaml`. */
export const isDataFile = (name: string): boolean => /\.(csv|tsv|parquet|json|jsonl|ndjson)(\.gz|\.zst)?$/i.test(name);

/** Splits `a,b` and repeated values into one list. */
export const collectNames = (text: string, sofar: readonly string[] = []): readonly string[] => [
  ...sofar,
  ...text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== ''),
];
