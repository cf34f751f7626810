/**
 * Characters that a terminal, a log or an editor obeys instead of showing: control characters (C0, DEL, C1), the line and
 * paragraph separators, bidirectional controls, invisible characters and tags, halves of surrogate pairs. The joiners
 * U+200C and U+200D are part of ordinary words and emoji.
 */
const OBEYED =
  /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  if (code < 0x100) return SHORT[character] ?? `\\x${digits.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`;
}

/** A text as one line in which every character is shown, none obeyed. */
export const printable = (text: string): string => text.replace(OBEYED, escapeOf);

/** The same for verbatim text: its line ends end lines, and its tabs stay. */
export const printableLines = (text: string): readonly string[] =>
  text.split(/\r\n|\n|\r/).map((line) => line.replace(OBEYED, (one) => (one === '\t' ? one : escapeOf(one))));

/** The first half of `##[name]`, `##vso[name]` and the like, which CI runners obey anywhere in a line. */
const RUNNER_PREFIX = /#(?=#[a-z]{0,12}\[)/g;

/** Text of several lines as it may be printed. */
export const printableText = (text: string): string => withoutCommands(printableLines(text).join('\n'));

/** JSON of the same meaning. Only string literals can hold these characters, so their JSON escapes may replace them. */
export const printableJson = (json: string): string =>
  json
    .replace(OBEYED, (one) => (one === '\n' ? one : one.split('').map(jsonEscape).join('')))
    .replace(RUNNER_PREFIX, '\\u0023');

const jsonEscape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * Text of several lines in which no line is a command to the runner of a CI job: GitHub obeys `::name::` at the start of a
 * line and `##[name]` anywhere, Azure obeys `##vso[name]`. A backslash breaks them. `isLineStart`: whether the text begins a line.
 */
export const withoutCommands = (text: string, isLineStart = true): string =>
  text
    .replace(/^([^\S\n]*)::/gm, (found, blanks, at) => (at === 0 && !isLineStart ? found : `${blanks}\\::`))
    .replace(RUNNER_PREFIX, '#\\');

/** Colours and moves of the cursor, which steps print for people. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins them
const TERMINAL_CODE = /\u001b\[[0-?]{0,40}[ -/]{0,4}[@-~]/g;

/** What a step has printed, without colours and moves of the cursor. */
export const withoutTerminalCodes = (text: string): string => text.replace(TERMINAL_CODE, '');
