import { type Connection, requireNumber } from '../connection.js';
import { literal } from '../quoted.js';
import { openBytes } from './byte-source.js';
import { encodingProblem } from './encoding.js';
import { MOST_COLUMNS, TooWide } from './too-wide.js';

/**
 * Tables are a few levels deep. DuckDB reads values by recursion: a thousand levels are too many for its statements, and tens of
 * thousands end the process.
 */
export const DEEPEST = 100;

const PIECE = 1 << 20;
const [QUOTE, BACKSLASH, LINE_FEED, COLON] = [0x22, 0x5c, 0x0a, 0x3a];
const [FNV_OFFSET, FNV_PRIME] = [0x811c9dc5, 0x01000193];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * The line of a JSON file in which values are nested deeper than `DEEPEST`; `undefined` if there is none. Of a file that is packed
 * with zstd, which only DuckDB unpacks, the number of its value.
 */
export async function tooDeepAt(connection: Connection, path: string): Promise<number | undefined> {
  if (/\.zst$/i.test(path)) return deepValueAt(connection, path);
  const bytes = Buffer.allocUnsafe(PIECE);
  const counter = createCounter();
  await using source = await openBytes(path);
  for (let isFirst = true; ; isFirst = false) {
    const read = await source.fill(bytes, 0, PIECE);
    // Packed bytes and UTF-16 have brackets by chance; they are named by whoever reads the text.
    if (read === 0 || (isFirst && encodingProblem(bytes.subarray(0, read)) !== undefined)) return undefined;
    const line = counter(bytes, read);
    if (line !== undefined) return line;
  }
}

/** DuckDB hands out the texts of the values, which it splits without recursion. Only those with so many brackets can be deep. */
async function deepValueAt(connection: Connection, path: string): Promise<number | undefined> {
  const bare = "len(replace(replace(t, '[', ''), '{', ''))";
  const read = await connection.query(
    `SELECT n::DOUBLE AS n, t FROM (SELECT row_number() OVER () AS n, json::VARCHAR AS t FROM read_json_objects(${literal(path)}))
     WHERE len(t) - ${bare} > ${DEEPEST}`,
    path,
  );
  // A file that cannot be read is reported by the reader itself.
  if (!read.ok) return undefined;
  const deep = read.value.find(({ t }) => {
    const bytes = Buffer.from(String(t));
    return createCounter()(bytes, bytes.length) !== undefined;
  });
  return deep === undefined ? undefined : requireNumber(deep.n);
}

/** Counts on from piece to piece. Brackets in texts do not count. Throws `TooWide`. */
function createCounter(): (bytes: Buffer, length: number) => number | undefined {
  let [depth, line, isText, isEscaped, hash] = [0, 1, false, false, 0];
  // Hashes of the names at each depth, which become columns and their parts (FNV-1a of Fowler, Noll and Vo).
  const names = new Set<number>();
  return (bytes, length) => {
    for (let i = 0; i < length; i++) {
      const byte = bytes[i];
      if (byte === LINE_FEED) {
        // No text of JSON holds a line break: a broken line must not hide the next ones.
        line++;
        isText = false;
        isEscaped = false;
      } else if (isText) {
        hash = Math.imul(hash ^ (byte ?? 0), FNV_PRIME);
        if (isEscaped) isEscaped = false;
        else if (byte === QUOTE) isText = false;
        else isEscaped = byte === BACKSLASH;
      } else if (byte === QUOTE) {
        isText = true;
        hash = FNV_OFFSET ^ depth;
      } else if (byte === COLON) {
        names.add(hash);
        if (names.size > MOST_COLUMNS) throw new TooWide(line);
      } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
        if (++depth > DEEPEST) return line;
      } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth = Math.max(0, depth - 1);
    }
    return undefined;
  };
}
