import type { Connection } from '../connection.js';
import type { SqlTypes } from '../predicate-sql.js';

/** The number of a row in its source. No column of a user has this name. */
export const ROW = 'refit row 7f3c9a';

/** A table of the connection that is being checked. If rows are set aside or judged as a whole, they have numbers in `ROW`. */
export interface OpenedTable {
  readonly connection: Connection;
  readonly table: string;
  /** The name of its source in failures. */
  readonly name: string;
  readonly types: SqlTypes;
}

/** The table with the numbers of the rows that are outliers as a whole. */
export const outlierTable = ({ table }: Pick<OpenedTable, 'table'>): string => `${table}_outliers`;

/** The table with the numbers of the bad rows and their reasons. */
export const badTable = ({ table }: Pick<OpenedTable, 'table'>): string => `${table}_bad`;
