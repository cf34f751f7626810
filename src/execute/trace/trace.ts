import type { Step } from '../../domain/pipeline/pipeline.js';
import { pathsWritten } from '../attempt/outputs.js';

/** Files of the workspace that the processes of a step opened, by path from its root. */
export interface TracedFiles {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}

/**
 * The same command under strace, which writes one file per thread (names begin with `tracePath`), so that calls of
 * threads do not interleave. `-y` prints the path behind each descriptor.
 */
export const tracedArgv = (argv: readonly string[], tracePath: string): readonly string[] => [
  'strace',
  '-ff',
  '--seccomp-bpf',
  '-qq',
  '-y',
  '-s',
  '4096',
  '-e',
  'trace=open,openat,openat2,creat,rename,renameat,renameat2',
  '-o',
  tracePath,
  '--',
  ...argv,
];

const OPENED = /^(?:open|openat|openat2|creat)\((.*)\)\s+= \d+<(.*)>$/;
const RENAMED = /^rename(?:at2?)?\((.*)\)\s+= 0$/;

/** Files of refit, git and package managers, and those that Node reads to load a script. They are nobody's input. */
const NOT_CONTENT = /(^|\/)(\.refit|\.git|node_modules|\.venv|venv|__pycache__)(\/|$)|(^|\/)package\.json$/;

/** Files below `root` in a trace. A file opened for writing counts as written, even if it was also read. */
export function parseTrace(text: string, root: string): TracedFiles {
  const reads = new Set<string>();
  const writes = new Set<string>();
  const below = (path: string): string | undefined =>
    path.startsWith(`${root}/`) && !NOT_CONTENT.test(path.slice(root.length + 1))
      ? path.slice(root.length + 1)
      : undefined;
  for (const line of text.split('\n')) {
    const opened = OPENED.exec(line);
    const path = opened === null ? undefined : below(decoded(opened[2] ?? ''));
    if (path !== undefined && opened !== null && !/O_DIRECTORY|O_PATH/.test(opened[1] ?? ''))
      (/O_WRONLY|O_RDWR|O_CREAT/.test(opened[1] ?? '') || line.startsWith('creat') ? writes : reads).add(path);
    const target = RENAMED.exec(line)?.[1];
    const moved = target === undefined ? undefined : below(renamedTo(target, root));
    if (moved !== undefined) writes.add(moved);
  }
  return { reads: [...reads].filter((one) => !writes.has(one)).sort(), writes: [...writes].sort() };
}

/** The new name in `"old", "new"` or `AT_FDCWD</cwd>, "old", AT_FDCWD</cwd>, "new"`. */
function renamedTo(args: string, root: string): string {
  const names = [...args.matchAll(/(?:<([^<>]*)>, )?"((?:[^"\\]|\\.)*)"/g)];
  const [, folder, name] = names.at(-1) ?? [];
  const path = decoded(name ?? '');
  // Plain rename has no folder: assume the workspace root, where steps start and mostly stay.
  return path.startsWith('/') ? path : `${folder === undefined ? root : decoded(folder)}/${path}`;
}

/** strace writes bytes that are not printable ASCII as octal escapes. */
function decoded(text: string): string {
  const bytes: number[] = [];
  for (const [, octal, escaped, plain] of text.matchAll(/\\([0-7]{1,3})|\\(.)|([\s\S])/g))
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else bytes.push(...Buffer.from(escaped ?? plain ?? ''));
  return Buffer.from(bytes)
    .toString('utf8')
    .replace(/ \(deleted\)$/, '');
}

/** Everything opened that the step neither declares nor made itself. `inputs`: its declared files and folders. */
export function undeclared(step: Step, inputs: readonly string[], { reads, writes }: TracedFiles): TracedFiles {
  const outputs: readonly string[] = pathsWritten(step);
  const isIn = (path: string, places: readonly string[]): boolean =>
    places.some((place) => path === place || path.startsWith(`${place}/`) || place === '.');
  return {
    reads: reads.filter((path) => !isIn(path, inputs) && !isIn(path, outputs)),
    writes: writes.filter((path) => !isIn(path, outputs)),
  };
}
