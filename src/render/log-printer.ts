import { printableLines, withoutCommands, withoutTerminalCodes } from './parts/printable.js';

/** Turns the bytes of logs into text that can be printed. What a later piece may complete is held back. */
export interface LogPrinter {
  readonly push: (bytes: Uint8Array) => string;
  readonly end: () => string;
}

/** The beginning of a command, of a terminal code or of a line end. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins terminal codes
const UNFINISHED = /(?:\r|#[#a-z]{0,13}|\u001b(?:\[[0-?]{0,40}[ -/]{0,4})?)$/;
const UNFINISHED_LINE = /^[^\S\n]{0,200}:?$/;

export function createLogPrinter(): LogPrinter {
  const decoder = new TextDecoder();
  let held = '';
  let isLineStart = true;
  const print = (text: string): string => {
    if (text === '') return '';
    const shown = withoutCommands(printableLines(withoutTerminalCodes(text)).join('\n'), isLineStart);
    isLineStart = shown === '' ? isLineStart : shown.endsWith('\n');
    return shown;
  };
  const heldFrom = (text: string): number => {
    const begin = text.lastIndexOf('\n') + 1;
    const last = text.slice(begin);
    if ((begin > 0 || isLineStart) && UNFINISHED_LINE.test(last)) return begin;
    const found = UNFINISHED.exec(last.slice(-64));
    return found === null ? text.length : text.length - found[0].length;
  };
  return {
    push: (bytes) => {
      const text = (held + decoder.decode(bytes, { stream: true })).replace(/\r\n|\r(?!$)/g, '\n');
      const at = heldFrom(text);
      held = text.slice(at);
      return print(text.slice(0, at));
    },
    end: () => {
      const rest = held + decoder.decode();
      held = '';
      return print(rest);
    },
  };
}
