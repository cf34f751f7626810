import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const NEWLINE = 10;
/** Bytes of a line that are shown: a step may print a line without end. */
const LONGEST_LINE = 4096;
const TAIL_LINES = 20;
const TAIL_BYTES = 64 * 1024;

export interface LineSplitter {
  readonly push: (bytes: Buffer) => void;
  readonly end: () => void;
}

/** Splits a stream into lines. Of an overlong line only the beginning is passed on. */
export function splitLines(onLine: (line: string) => void): LineSplitter {
  let rest: Buffer = Buffer.alloc(0);
  const add = (bytes: Buffer): void => {
    // one byte more than is shown, to know that the line was cut
    const room = LONGEST_LINE + 1 - rest.length;
    if (room > 0 && bytes.length > 0) rest = Buffer.concat([rest, bytes.subarray(0, room)]);
  };
  const say = (): void => {
    onLine(shown(rest));
    rest = Buffer.alloc(0);
  };
  return {
    push: (bytes) => {
      let from = 0;
      for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
        add(bytes.subarray(from, at));
        say();
        from = at + 1;
      }
      add(bytes.subarray(from));
    },
    end: () => {
      if (rest.length > 0) say();
    },
  };
}

/** The line as a terminal shows it: of a progress bar that returns to the start of the line only the last state. */
function shown(line: Buffer): string {
  const isCut = line.length > LONGEST_LINE;
  const text = line.subarray(0, LONGEST_LINE).toString('utf8').replace(/\r+$/, '');
  return `${text.slice(text.lastIndexOf('\r') + 1)}${isCut ? ' …' : ''}`;
}

/** The last lines of a log, at most 20. Reads only the end of the file. Empty when it cannot be read. */
export function readTail(path: string): readonly string[] {
  try {
    const fd = openSync(path, 'r');
    try {
      const { size } = fstatSync(fd);
      const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
      const read = readSync(fd, bytes, 0, bytes.length, size - bytes.length);
      const lines: string[] = [];
      const splitter = splitLines((line) => lines.push(line));
      splitter.push(bytes.subarray(0, read));
      splitter.end();
      return lines.slice(-TAIL_LINES);
    } finally {
      closeSync(fd);
    }
  } catch {
    return [];
  }
}
