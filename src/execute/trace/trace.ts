import type { Step } from '../../domain/pipeline/pipeline.js';
import { isAtOrBelow } from '../../domain/support/paths.js';
import { pathsWritten } from '../attempt/outputs.js';

/** Files of the workspace that the processes of a step opened, by path from its root. */
export interface TracedFiles {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /**
   * Those of `writes` that were changed and not made: read before they were written, or opened without being emptied, where
   * they may have been there before.
   */
  readonly changes: readonly { readonly path: string; readonly wasRead: boolean }[];
}

/**
 * The same command under strace, which writes one file per thread (names begin with `tracePath`), so that calls of
 * threads do not interleave. `-y` prints the path behind each descriptor, `-ttt` the time of each call.
 */
export const tracedArgv = (argv: readonly string[], tracePath: string): readonly string[] => [
  'strace',
  '-ff',
  '--seccomp-bpf',
  '-qq',
  '-y',
  '-ttt',
  '-s',
  '4096',
  '-e',
  'trace=open,openat,openat2,creat,rename,renameat,renameat2',
  '-o',
  tracePath,
  '--',
  ...argv,
];

const TIMED = /^(\d+\.\d+) (.*)$/;
const OPENED = /^(open|openat|openat2|creat)\((.*)\)\s+= \d+<(.*)>$/;
const RENAMED = /^rename(?:at2?)?\((.*)\)\s+= 0$/;
/** The working folder of the thread, as `-y` shows it. */
const FOLDER = /AT_FDCWD<((?:[^\\>]|\\.)*)>/;

/** Files of refit, git and package managers, and those that Node reads to load a script. They are nobody's input. */
const NOT_CONTENT = /(^|\/)(\.refit|\.git|node_modules|\.venv|venv|__pycache__)(\/|$)|(^|\/)package\.json$/;
/** Python reads what it has compiled of a module, as long as the module has not changed. */
const COMPILED = /^(.*\/)?__pycache__\/([^/]+?)\.[^/]*\.pyc$/;

interface Call {
  readonly at: number;
  readonly path: string;
  readonly kind: 'read' | 'made' | 'changed';
}

/** Files below `root` in the traces of all threads. A file opened for writing counts as written, even if it was also read. */
export function parseTrace(texts: readonly string[], root: string): TracedFiles {
  const calls = texts.flatMap((text) => callsOf(text, root)).sort((x, y) => x.at - y.at);
  const reads = new Set<string>();
  const writes = new Set<string>();
  const changes = new Map<string, boolean>();
  for (const { path, kind } of calls) {
    if (kind === 'read') {
      if (!writes.has(path)) reads.add(path);
      continue;
    }
    if (!writes.has(path) && (reads.has(path) || kind === 'changed')) changes.set(path, reads.has(path));
    writes.add(path);
  }
  return {
    reads: [...reads].filter((one) => !writes.has(one)).sort(),
    writes: [...writes].sort(),
    changes: [...changes].map(([path, wasRead]) => ({ path, wasRead })),
  };
}

/** The calls of one thread, in order. */
function callsOf(text: string, root: string): readonly Call[] {
  const calls: Call[] = [];
  const add = (at: number, full: string, kind: Call['kind']): void => {
    const path = contentPath(full, root, kind);
    if (path !== undefined) calls.push({ at, path, kind });
  };
  let folder = root;
  for (const line of text.split('\n')) {
    const [, time, call = ''] = TIMED.exec(line) ?? [];
    const at = Number(time);
    const here = FOLDER.exec(call)?.[1];
    if (here !== undefined) folder = decoded(here);
    const [, name, flags = '', target] = OPENED.exec(call) ?? [];
    if (target !== undefined && !/O_DIRECTORY|O_PATH/.test(flags)) add(at, decoded(target), kindOf(name, flags));
    const renamed = RENAMED.exec(call)?.[1];
    if (renamed !== undefined) add(at, renamedTo(renamed, folder), 'made');
  }
  return calls;
}

function kindOf(name: string | undefined, flags: string): Call['kind'] {
  if (name === 'creat' || /O_TRUNC|O_EXCL/.test(flags)) return 'made';
  return /O_WRONLY|O_RDWR|O_CREAT/.test(flags) ? 'changed' : 'read';
}

/** The path from the workspace of a file that says something about the result. */
function contentPath(full: string, root: string, kind: Call['kind']): string | undefined {
  if (!full.startsWith(`${root}/`)) return undefined;
  const path = full.slice(root.length + 1);
  const compiled = kind === 'read' ? COMPILED.exec(path) : null;
  const content = compiled === null ? path : `${compiled[1] ?? ''}${compiled[2]}.py`;
  return NOT_CONTENT.test(content) ? undefined : content;
}

/** The new name in `"old", "new"` or `AT_FDCWD</cwd>, "old", AT_FDCWD</cwd>, "new"`. */
function renamedTo(args: string, folder: string): string {
  const names = [...args.matchAll(/(?:<([^<>]*)>, )?"((?:[^"\\]|\\.)*)"/g)];
  const [, given, name] = names.at(-1) ?? [];
  const path = decoded(name ?? '');
  // Plain rename names no folder: it is the last one that the thread was seen in.
  return path.startsWith('/') ? path : `${given === undefined ? folder : decoded(given)}/${path}`;
}

const CONTROLS: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', v: '\v', f: '\f' };

/** strace writes bytes that are not printable ASCII as escapes. */
function decoded(text: string): string {
  const bytes: number[] = [];
  for (const [, octal, escaped, plain] of text.matchAll(/\\([0-7]{1,3})|\\(.)|([\s\S])/g))
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else bytes.push(...Buffer.from(escaped === undefined ? (plain ?? '') : (CONTROLS[escaped] ?? escaped)));
  return Buffer.from(bytes)
    .toString('utf8')
    .replace(/ \(deleted\)$/, '');
}

/** Everything opened that the step neither declares nor made itself. `inputs`: its declared files and folders. */
export function undeclared(
  step: Step,
  inputs: readonly string[],
  { reads, writes }: Pick<TracedFiles, 'reads' | 'writes'>,
): Pick<TracedFiles, 'reads' | 'writes'> {
  const outputs: readonly string[] = pathsWritten(step);
  const isIn = (path: string, places: readonly string[]): boolean =>
    places.some((place) => isAtOrBelow(path, place) || place === '.');
  return {
    reads: reads.filter((path) => !isIn(path, inputs) && !isIn(path, outputs)),
    writes: writes.filter((path) => !isIn(path, outputs)),
  };
}
