/** A text as a SQL string. Safe for any text. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A name as SQL takes it, whatever characters it holds. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
