import { foreignEnding } from '../domain/data/foreign-format.js';

/** Whether a name ends like a data file. Pipelines are named without an ending, or with `.yaml`. */
export const isDataFile = (name: string): boolean => /\.(csv|tsv|parquet|json|jsonl|ndjson)(\.gz|\.zst)?$/i.test(name);

/** Whether a name is that of data to read: also of a format that the reader refuses with the line that converts it. */
export const namesData = (name: string): boolean => isDataFile(name) || foreignEnding(name) !== undefined;
