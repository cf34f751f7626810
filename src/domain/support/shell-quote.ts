/** The text as one word of any POSIX shell, in single quotes. */
export const shellQuote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The text as one word of any POSIX shell: unquoted if every character is harmless, else in single quotes. */
export const shellWord = (text: string): string => (/^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : shellQuote(text));
