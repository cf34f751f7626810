/** Whether a name ends like a data file. Pipelines are named without an ending, or with `.yaml`. */
export const isDataFile = (name: string): boolean => /\.(csv|tsv|parquet|json|jsonl|ndjson)(\.gz|\.zst)?$/i.test(name);
