/**
 * A glob with `*`, `**`, `?`, `[…]` and `{…}` as its only signs, for a matcher that knows more: groups like `+(…)`, and `+`, `|`
 * and `!`, which it would pass on to a regular expression. Repeated groups take it exponential time.
 */
export const plainGlob = (glob: string): string => glob.replace(/[()+|]|^!/g, '\\$&');
