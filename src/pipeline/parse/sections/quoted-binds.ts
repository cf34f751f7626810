/** Quotes and comments of SQL, which may hold any character. Of one that has no end, the rest is taken as quoted. */
const QUOTED =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|`[^`]*(?:`|$)|(?<![\w$])\$(?<tag>[A-Za-z_]\w*)?\$[\s\S]*?(?:\$\k<tag>\$|$)/g;

const VALUE = /\$\{\{[^}]*\}\}/;

/**
 * The first `${{ … }}` of a query that stands in a quote or a comment, and what quotes it. Such a value is bound: in a quote it would be the letters of its
 * placeholder.
 */
export function quotedBind(query: string): { readonly value: string; readonly isComment: boolean } | undefined {
  for (const [piece] of query.matchAll(QUOTED)) {
    const value = VALUE.exec(piece)?.[0];
    if (value !== undefined) return { value, isComment: /^(--|\/\*)/.test(piece) };
  }
  return undefined;
}
