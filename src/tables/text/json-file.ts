/** A JSON file as DuckDB is to read it. */
export interface JsonFile {
  readonly path: string;
  /** Its path as it was asked for. */
  readonly original: string;
  readonly shown: string;
  readonly isCopy: boolean;
}
