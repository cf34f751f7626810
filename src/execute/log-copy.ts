import type { Logs } from '../domain/ports/platform.js';

/** A log being copied to an output. Each call resolves to `false` once the reader has closed it. */
export interface LogCopy {
  /** Copies what is new. */
  readonly forward: () => Promise<boolean>;
  /** Flushes the rest. May be called again. */
  readonly end: () => Promise<boolean>;
}

export interface LogSource {
  readonly logs: Logs;
  readonly path: string;
  readonly from: number;
}

type Write = (bytes: Uint8Array) => Promise<boolean>;

const PIECE = 256 * 1024;
const NEWLINE = 10;
/** A longer line is passed on in pieces of this size. */
const LONGEST_LINE = 64 * 1024;

/** Byte for byte, under a heading. */
export function copyRaw(source: LogSource, write: Write, heading: string): LogCopy {
  let isHeaded = heading === '';
  let last = NEWLINE;
  const head = async (): Promise<boolean> => {
    if (isHeaded) return true;
    isHeaded = true;
    return write(Buffer.from(heading));
  };
  const forward = pieces(source, async (bytes) => {
    last = bytes.at(-1) ?? last;
    return write(bytes);
  });
  return {
    forward: async () => (await head()) && forward(),
    end: async () => {
      if (last === NEWLINE || heading === '') return true;
      last = NEWLINE;
      return write(Buffer.from('\n'));
    },
  };
}

/** Whole lines, each with a prefix, for logs that are shown together. */
export function copyLine(source: LogSource, write: Write, prefix: string): LogCopy {
  const before = Buffer.from(prefix);
  let rest = Buffer.alloc(0);
  const forward = pieces(source, (bytes) => {
    const lines: Uint8Array[] = [];
    let from = 0;
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
      lines.push(before, rest, bytes.subarray(from, at + 1));
      rest = Buffer.alloc(0);
      from = at + 1;
    }
    rest = Buffer.concat([rest, bytes.subarray(from)]);
    if (rest.length > LONGEST_LINE) {
      lines.push(before, rest, Buffer.from('\n'));
      rest = Buffer.alloc(0);
    }
    return lines.length === 0 ? Promise.resolve(true) : write(Buffer.concat(lines));
  });
  return {
    forward,
    end: async () => {
      if (rest.length === 0) return true;
      const line = Buffer.concat([before, rest, Buffer.from('\n')]);
      rest = Buffer.alloc(0);
      return write(line);
    },
  };
}

/** Returns what was appended to a log since the last call. */
function pieces({ logs, path, from }: LogSource, take: (bytes: Uint8Array) => Promise<boolean>): LogCopy['forward'] {
  let at = from;
  return async () => {
    for (;;) {
      const bytes = await logs.read(path, at, PIECE);
      if (bytes.length === 0) return true;
      at += bytes.length;
      if (!(await take(bytes))) return false;
    }
  };
}
